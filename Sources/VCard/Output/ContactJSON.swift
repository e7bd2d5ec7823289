/// Contacts and outcomes as JSON, each in one line of UTF-8 without a line feed.
///
/// The keys are those of the lane records and of `bulkhead vcard check --json`; all of them are always there.
package enum ContactJSON {
    /// A card with its outcome: `card`, `line`, `offset`, `outcome`, `codes`, `contact`; of a duplicate also
    /// `duplicateOf`, the index of the first card of its kind.
    package static func line(_ card: ImportedCard) -> [UInt8] {
        var json = JSONBytes()
        json.object { json in
            json.key("card")
            json.number(card.index)
            json.key("line")
            json.number(card.line)
            json.key("offset")
            json.number(card.offset)
            json.key("outcome")
            json.text(card.outcome.name)
            if case .duplicate(_, let first) = card.outcome {
                json.key("duplicateOf")
                json.number(first)
            }
            json.key("codes")
            json.array(card.warnings) { $0.write($1) }
            json.key("contact")
            if let contact = card.contact { json.write(contact) } else { json.null() }
        }
        return json.bytes
    }

    package static func contact(_ contact: Contact) -> [UInt8] {
        var json = JSONBytes()
        json.write(contact)
        return json.bytes
    }

    /// The last line of a check.
    package static func summary(_ summary: ImportSummary) -> [UInt8] {
        var json = JSONBytes()
        json.object { json in
            json.key("summary")
            json.object { json in
                json.key("cards")
                json.number(summary.cards)
                json.key("accepted")
                json.number(summary.accepted)
                json.key("rejected")
                json.number(summary.rejected)
                json.key("skipped")
                json.number(summary.skipped)
                json.key("duplicate")
                json.number(summary.duplicate)
                json.key("warnings")
                json.object { json in
                    for code in Code.allCases where summary.warnings[code] > 0 {
                        json.key(of: code.rawValue)
                        json.number(summary.warnings[code])
                    }
                }
                json.key("error")
                json.text(summary.error?.rawValue)
            }
        }
        return json.bytes
    }
}

extension JSONBytes {
    fileprivate mutating func write(_ warning: Warning) {
        object { json in
            json.key("code")
            json.text(warning.code.rawValue)
            json.key("line")
            json.number(warning.line)
            json.key("property")
            json.text(warning.property)
        }
    }
}
