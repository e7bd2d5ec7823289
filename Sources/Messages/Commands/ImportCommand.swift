/// Asks for the import of a vCard file, or of a part of one.
///
/// The event's `id` is the import's: parts of one file share it and differ in ``part``.
package struct ImportCommand: IdentifiedCommand {
    package enum Content: Hashable, Sendable {
        /// The cards themselves, in whatever character set they came.
        case bytes([UInt8])
        case download(Download)
    }

    package struct Download: Hashable, Sendable {
        /// An `http` or `https` address of at most 2,048 bytes.
        package var url: String
        /// SHA-256 of the whole file in lower-case hex, so that a second download is known to be the same file.
        package var sha256: String
        /// Size of the file, 1 byte to 16 GiB, when the producer knows it.
        package var bytes: Int64?

        package init(url: String, sha256: String, bytes: Int64? = nil) {
            self.url = url
            self.sha256 = sha256
            self.bytes = bytes
        }
    }

    /// One of the records that a large file was cut into at card boundaries.
    package struct Part: Hashable, Sendable {
        /// Counted from 1.
        package var index: Int
        package var last: Bool
        /// The number within the whole file of this part's first card and line, counted from 1.
        package var firstCard: Int
        package var firstLine: Int

        package init(index: Int, last: Bool, firstCard: Int = 1, firstLine: Int = 1) {
            self.index = index
            self.last = last
            self.firstCard = firstCard
            self.firstLine = firstLine
        }

        /// What an import that is one record consists of.
        package static let whole = Part(index: 1, last: true)

        /// Whether there are no others: a whole file, or one card of it that is imported again.
        package var isOnly: Bool { index == 1 && last }
    }

    /// The country whose national phone numbers the cards hold.
    package enum Country: Hashable, Sendable {
        /// A name under `phone.countries` in the settings.
        case named(String)
        case rule(CountryRule)
    }

    package var event: EventAttributes
    package var provider: String
    package var account: String
    package var content: Content
    package var part: Part
    package var defaultCountry: Country?
    /// At most 50, each of 1 to 128 bytes.
    package var labels: [String]

    package init(
        event: EventAttributes,
        provider: String,
        account: String = Command.defaultAccount,
        content: Content,
        part: Part = .whole,
        defaultCountry: Country? = nil,
        labels: [String] = []
    ) {
        self.event = event
        self.provider = provider
        self.account = account
        self.content = content
        self.part = part
        self.defaultCountry = defaultCountry
        self.labels = labels
    }
}

/// How a country writes its own numbers (`reference/vcard.md` 5).
package struct CountryRule: Hashable, Sendable {
    /// 1 to 3 digits, as `966`.
    package var callingCode: String
    /// Dialled before a national number; may be empty.
    package var trunkPrefix: String
    /// Dialled before a foreign number, as `00` or `011`.
    package var internationalPrefix: String
    /// How many digits a national number has without the trunk prefix, each 1 to 15.
    package var nationalLengths: [Int]

    package init(callingCode: String, trunkPrefix: String, internationalPrefix: String, nationalLengths: [Int]) {
        self.callingCode = callingCode
        self.trunkPrefix = trunkPrefix
        self.internationalPrefix = internationalPrefix
        self.nationalLengths = nationalLengths
    }
}
