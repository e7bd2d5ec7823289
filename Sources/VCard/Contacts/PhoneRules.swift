/// How a country writes its own numbers.
package struct PhoneCountry: Hashable, Sendable {
    /// 1 to 3 digits, as `966`.
    package var callingCode: String
    /// Dialled before a national number; may be empty.
    package var trunkPrefix: String
    /// Dialled before a foreign number, as `00` or `011`.
    package var internationalPrefix: String
    /// How many digits a national number has without the trunk prefix.
    package var nationalLengths: Set<Int>

    package init(callingCode: String, trunkPrefix: String, internationalPrefix: String, nationalLengths: Set<Int>) {
        self.callingCode = callingCode
        self.trunkPrefix = trunkPrefix
        self.internationalPrefix = internationalPrefix
        self.nationalLengths = nationalLengths
    }
}

/// Brings numbers into E.164 form where they say enough to do so (`reference/vcard.md` 5).
///
/// It normalises; it does not prove that a number exists. What is plainly international is accepted, what is national
/// needs a configured home, and nothing else is guessed.
package struct PhoneRules: Sendable {
    private let home: Home?

    private final class Home: Sendable {
        let callingCode: [UInt8]
        let trunkPrefix: [UInt8]
        let internationalPrefix: [UInt8]
        let nationalLengths: Set<Int>

        init(_ country: PhoneCountry) {
            callingCode = country.callingCode.utf8.filter(\.isDigit)
            trunkPrefix = country.trunkPrefix.utf8.filter(\.isDigit)
            internationalPrefix = country.internationalPrefix.utf8.filter(\.isDigit)
            nationalLengths = country.nationalLengths
        }
    }

    package init(home: PhoneCountry?) {
        self.home = home.map { Home($0) }
    }

    /// What a number came to.
    package struct Result: Hashable, Sendable {
        /// `+` and 7 to 15 digits.
        package var e164: String?
        /// Set exactly if there is no E.164 form.
        package var reason: PhoneReason?
        package var `extension`: String?
        /// It says by itself that it is international.
        package var isInternational = false
        /// It had no `+` but begins with the home calling code.
        package var isAssumed = false
    }

    package func normalize(_ text: String) -> Result {
        let number = PhoneText(text)
        var result = Result()
        result.extension = number.extension
        if number.isForeign || number.digits.isEmpty && !number.isCode {
            result.reason = .notANumber
        } else if number.isCode {
            result.reason = .shortCode
        } else if number.hasPlus {
            international(number.digits[...], &result)
        } else {
            domestic(number.digits, &result)
        }
        return result
    }

    private func international(_ digits: ArraySlice<UInt8>, _ result: inout Result) {
        result.isInternational = true
        guard (7...15).contains(digits.count) else { return result.reason = .badLength }
        guard CallingCodes.begins(digits) else { return result.reason = .unknownCallingCode }
        var text: [UInt8] = []
        text.reserveCapacity(1 + digits.count)
        text.append(UInt8(ascii: "+"))
        text.append(contentsOf: digits)
        result.e164 = String(decoding: text, as: UTF8.self)
    }

    private func domestic(_ digits: [UInt8], _ result: inout Result) {
        guard let home else { return result.reason = digits.count < 7 ? .shortCode : .needsCountry }
        let prefix = home.internationalPrefix
        if !prefix.isEmpty, digits.starts(with: prefix) {
            return international(digits.dropFirst(prefix.count), &result)
        }
        let rest = digits.dropFirst(home.callingCode.count)
        if digits.starts(with: home.callingCode), home.nationalLengths.contains(rest.count) {
            guard !home.nationalLengths.contains(digits.count) else { return result.reason = .ambiguous }
            result.isAssumed = true
            international(digits[...], &result)
            if result.e164 == nil { result.isAssumed = false }
            return
        }
        let hasTrunk = !home.trunkPrefix.isEmpty && digits.starts(with: home.trunkPrefix)
        let national = digits.dropFirst(hasTrunk ? home.trunkPrefix.count : 0)
        guard home.nationalLengths.contains(national.count) else {
            return result.reason = digits.count < 7 ? .shortCode : .badLength
        }
        international(home.callingCode + national, &result)
        result.isInternational = false
    }
}
