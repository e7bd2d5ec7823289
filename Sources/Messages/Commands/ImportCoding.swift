extension ImportCommand {
    private static let fields =
        "provider, account, one of vcards, vcardsBase64 and url, sha256, bytes, part, defaultCountry, labels"
    private static let contentAllowed = "exactly one of vcards, vcardsBase64 and url"

    init(_ event: CloudEvent) throws(Rejection) {
        if case .bytes(let bytes) = event.payload {
            try self.init(event, cards: bytes)
        } else {
            try self.init(event, members: try event.dataMembers())
        }
    }

    /// Binary mode with `content-type: text/vcard`: the value is the file, headers say the rest.
    private init(_ event: CloudEvent, cards: [UInt8]) throws(Rejection) {
        guard let type = event.dataContentType,
            ["text/vcard", "text/x-vcard"].contains(where: { CloudEvent.isMediaType(type, $0) })
        else {
            throw .unexpected("datacontenttype", event.dataContentType ?? "", allowed: "application/json or text/vcard")
        }
        func attribute(_ name: String) -> JSON? { event.extensionText(name).map(JSON.string) }
        func number(_ name: String) throws(Rejection) -> Int? {
            guard let text = event.extensionText(name) else { return nil }
            return Int(try JSON.integer(Int64(text) ?? 0).requiredInteger("ce_\(name)", in: 1...maximumPosition))
        }
        guard let provider = attribute("provider") else {
            throw .missing("ce_provider", allowed: "the name of a provider")
        }
        var part = Part.whole
        if let index = try number("part") { part.index = index }
        if let text = event.extensionText("partlast") {
            guard let last = Bool(text) else { throw .unexpected("ce_partlast", text, allowed: "true or false") }
            part.last = last
        }
        if let card = try number("firstcard") { part.firstCard = card }
        if let line = try number("firstline") { part.firstLine = line }
        var labels: [String] = []
        for label in Self.labels(event.extensionText("labels") ?? "") {
            labels.append(try JSON.string(label).requiredText("ce_labels", upTo: 128))
        }
        guard labels.count <= 50 else {
            throw Rejection("ce_labels", found: "\(labels.count) labels", allowed: "up to 50")
        }
        self.init(
            event: event.attributes,
            provider: try provider.requiredName("ce_provider"),
            account: try attribute("account")?.requiredName("ce_account") ?? Command.defaultAccount,
            content: .bytes(cards),
            part: part,
            defaultCountry: try attribute("defaultcountry").map { json throws(Rejection) in
                .named(try json.requiredName("ce_defaultcountry"))
            },
            labels: labels
        )
    }

    /// The labels of a text in which commas separate them, without white space around them.
    package static func labels(_ text: String) -> [String] {
        text.split(separator: ",").compactMap { part in
            let label = part.drop(while: \.isWhitespace)
            guard let end = label.lastIndex(where: { !$0.isWhitespace }) else { return nil }
            return String(label[...end])
        }
    }

    private init(_ event: CloudEvent, members: [JSON.Member]) throws(Rejection) {
        var provider: String?
        var account = Command.defaultAccount
        var bytes: [UInt8]?
        var url: String?
        var sha256: String?
        var size: Int64?
        var part = Part.whole
        var country: Country?
        var labels: [String] = []
        for member in members {
            let field = "data.\(member.key)"
            if ["vcards", "vcardsBase64", "url"].contains(member.key), bytes != nil || url != nil {
                throw Rejection(field, found: "more than one of them", allowed: Self.contentAllowed)
            }
            switch member.key {
            case "provider": provider = try member.value.requiredName(field)
            case "account": if member.value != .null { account = try member.value.requiredName(field) }
            case "vcards": bytes = Array(try member.value.requiredText(field, upTo: .max).utf8)
            case "vcardsBase64":
                guard let decoded = member.value.text.flatMap(base64Decoded), !decoded.isEmpty else {
                    throw .wrong(field, member.value, allowed: "Base64 (RFC 4648 section 4) of at least one byte")
                }
                bytes = decoded
            case "url": url = try Self.address(member.value)
            case "sha256": sha256 = try Self.digest(member.value)
            case "bytes": size = try member.value.requiredInteger(field, in: 1...17_179_869_184)
            case "part": part = try Part(member.value)
            case "defaultCountry": if member.value != .null { country = try Country(member.value) }
            case "labels":
                for (index, label) in try member.value.requiredList(field, 0...50, of: "labels").enumerated() {
                    labels.append(try label.requiredText("\(field)[\(index)]", upTo: 128))
                }
            default: throw .unknown(member.key, in: "data", allowed: Self.fields)
            }
        }
        guard let provider else { throw .missing("data.provider", allowed: "the name of a provider") }
        let content: Content
        if let url {
            guard let sha256 else { throw .missing("data.sha256", allowed: "the SHA-256 of the file in hex") }
            content = .download(Download(url: url, sha256: sha256, bytes: size))
        } else if let bytes {
            for extra in members where extra.key == "sha256" || extra.key == "bytes" {
                throw .wrong("data.\(extra.key)", extra.value, allowed: "\(extra.key) with url only")
            }
            content = .bytes(bytes)
        } else {
            throw .missing("data.vcards", allowed: Self.contentAllowed)
        }
        self.init(
            event: event.attributes,
            provider: provider,
            account: account,
            content: content,
            part: part,
            defaultCountry: country,
            labels: labels
        )
    }

    private static func address(_ json: JSON) throws(Rejection) -> String {
        guard case .string(let text) = json, text.utf8.count <= 2048,
            text.hasPrefix("https://") || text.hasPrefix("http://"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.hasSuffix("://")
        else { throw .wrong("data.url", json, allowed: "an http or https address of at most 2048 ASCII characters") }
        return text
    }

    private static func digest(_ json: JSON) throws(Rejection) -> String {
        guard case .string(let text) = json, text.utf8.count == 64,
            text.utf8.allSatisfy({ hexadecimalDigit($0) != nil })
        else { throw .wrong("data.sha256", json, allowed: "64 hexadecimal digits") }
        return text.lowercased()
    }

    /// The import as an event in structured mode; card bytes that are not UTF-8 go as Base64.
    package func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        event.encode(into: &writer)
        writer.key("data")
        writer.beginObject()
        writer.field("provider", provider)
        writer.field("account", account)
        switch content {
        case .bytes(let bytes):
            if let text = String(validating: bytes, as: UTF8.self) {
                writer.field("vcards", text)
            } else {
                writer.field("vcardsBase64", base64Encoded(bytes))
            }
        case .download(let download):
            writer.field("url", download.url)
            writer.field("sha256", download.sha256)
            if let bytes = download.bytes { writer.field("bytes", bytes) }
        }
        if part != .whole {
            writer.key("part")
            writer.beginObject()
            writer.field("index", part.index)
            writer.field("last", part.last)
            writer.field("firstCard", part.firstCard)
            writer.field("firstLine", part.firstLine)
            writer.endObject()
        }
        switch defaultCountry {
        case .named(let name): writer.field("defaultCountry", name)
        case .rule(let rule): rule.encode(into: &writer)
        case nil: break
        }
        if !labels.isEmpty { writer.field("labels", labels) }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }
}

/// More cards and lines than any file has that Kafka carries.
private let maximumPosition: Int64 = 1_000_000_000

extension ImportCommand.Part {
    init(_ json: JSON) throws(Rejection) {
        let allowed = "{ \"index\": …, \"last\": … } with optional firstCard and firstLine"
        var index: Int?
        var last: Bool?
        var firstCard = 1
        var firstLine = 1
        for member in try json.requiredMembers("data.part", allowed: allowed) {
            let field = "data.part.\(member.key)"
            switch member.key {
            case "index": index = Int(try member.value.requiredInteger(field, in: 1...maximumPosition))
            case "last": last = try member.value.requiredBool(field)
            case "firstCard": firstCard = Int(try member.value.requiredInteger(field, in: 1...maximumPosition))
            case "firstLine": firstLine = Int(try member.value.requiredInteger(field, in: 1...maximumPosition))
            default: throw .unknown(member.key, in: "data.part", allowed: allowed)
            }
        }
        guard let index else { throw .missing("data.part.index", allowed: "an integer from 1") }
        guard let last else { throw .missing("data.part.last", allowed: "true or false") }
        self.init(index: index, last: last, firstCard: firstCard, firstLine: firstLine)
    }
}

extension ImportCommand.Country {
    init(_ json: JSON) throws(Rejection) {
        let field = "data.defaultCountry"
        if case .string = json {
            self = .named(try json.requiredName(field))
            return
        }
        let allowed = "a name, or { \"callingCode\", \"trunkPrefix\", \"internationalPrefix\", \"nationalLengths\" }"
        var rule = CountryRule(callingCode: "", trunkPrefix: "", internationalPrefix: "00", nationalLengths: [])
        for member in try json.requiredMembers(field, allowed: allowed) {
            let field = "\(field).\(member.key)"
            switch member.key {
            case "callingCode": rule.callingCode = try member.value.requiredDigits(field, 1...3)
            case "trunkPrefix": rule.trunkPrefix = try member.value.requiredDigits(field, 0...4)
            case "internationalPrefix": rule.internationalPrefix = try member.value.requiredDigits(field, 1...5)
            case "nationalLengths":
                for (index, length) in try member.value.requiredList(field, 1...15, of: "lengths").enumerated() {
                    rule.nationalLengths.append(Int(try length.requiredInteger("\(field)[\(index)]", in: 1...15)))
                }
            default: throw .unknown(member.key, in: "data.defaultCountry", allowed: allowed)
            }
        }
        if rule.callingCode.isEmpty { throw .missing("\(field).callingCode", allowed: "text of 1 to 3 digits") }
        if rule.nationalLengths.isEmpty { throw .missing("\(field).nationalLengths", allowed: "a list of lengths") }
        self = .rule(rule)
    }
}

extension JSON {
    fileprivate func requiredDigits(_ field: String, _ count: ClosedRange<Int>) throws(Rejection) -> String {
        guard case .string(let text) = self, count.contains(text.utf8.count), text.utf8.allSatisfy(isDigit) else {
            throw .wrong(field, self, allowed: "text of \(count.lowerBound) to \(count.upperBound) digits")
        }
        return text
    }
}

extension CountryRule {
    fileprivate func encode(into writer: inout JSONWriter) {
        writer.key("defaultCountry")
        writer.beginObject()
        writer.field("callingCode", callingCode)
        writer.field("trunkPrefix", trunkPrefix)
        writer.field("internationalPrefix", internationalPrefix)
        writer.key("nationalLengths")
        writer.beginArray()
        for length in nationalLengths { writer.integer(Int64(length)) }
        writer.endArray()
        writer.endObject()
    }
}
