package import Messages

/// Takes contacts into a provider.
package protocol ContactImporting: Provider {
    /// How much one request takes.
    var importLimits: ImportLimits { get }
    /// How long a just created contact is left alone before it is used.
    var delayAfterCreate: Duration { get }
    /// How long after a lost answer contacts are looked for, since a provider may take cards in behind its answer.
    var delayBeforeLookup: Duration { get }
    /// Whether the labels of an import go with its contacts.
    var takesLabels: Bool { get }
    /// What commands call the contact, where they address contacts; an import and the commands that follow it keep
    /// their order then.
    func target(of contact: ContactUpload) -> Target?
    /// - Parameter contacts: at least one, at most as many as ``importLimits`` allow.
    func request(importing contacts: [ContactUpload]) throws(EncodingFailure) -> ProviderRequest
    func answer(importing contacts: [ContactUpload], _ response: ProviderResponse) -> ImportAnswer
    /// The read that tells whether a contact is there already, from row `skip` on; `nil` where importing it again changes
    /// nothing, so that there is no need to ask.
    func lookupRequest(for contact: ContactUpload, skip: Int) throws(EncodingFailure) -> ProviderRequest?
    func lookupAnswer(for contact: ContactUpload, skip: Int, _ response: ProviderResponse) -> LookupAnswer
}

package struct ImportLimits: Hashable, Sendable {
    /// At least 1.
    package var cards: Int
    /// Bytes of all cards of a request together.
    package var bytes: Int

    package init(cards: Int, bytes: Int) {
        self.cards = cards
        self.bytes = bytes
    }
}

/// A contact on its way to a provider: its card for those that take cards, its fields for the others.
package struct ContactUpload: Hashable, Sendable {
    /// One whole vCard 3.0 with LF line ends (`reference/vcard.md` 9).
    package var card: String
    package var displayName: String
    package var firstName: String?
    package var lastName: String?
    /// E.164 with its plus sign.
    package var phone: String?
    package var email: String?
    package var organization: String?
    package var title: String?
    /// BCP 47, as the card gives it.
    package var language: String?
    /// ISO 3166-1 alpha-2.
    package var country: String?
    /// Of the import.
    package var labels: [String]

    package init(
        card: String,
        displayName: String,
        firstName: String? = nil,
        lastName: String? = nil,
        phone: String? = nil,
        email: String? = nil,
        organization: String? = nil,
        title: String? = nil,
        language: String? = nil,
        country: String? = nil,
        labels: [String] = []
    ) {
        self.card = card
        self.displayName = displayName
        self.firstName = firstName
        self.lastName = lastName
        self.phone = phone
        self.email = email
        self.organization = organization
        self.title = title
        self.language = language
        self.country = country
        self.labels = labels
    }
}

/// What a response to an import means.
package struct ImportAnswer: Hashable, Sendable {
    /// For all contacts of the request alike.
    package var answer: Answer
    /// Whether one contact may have spoiled the others: the request is to be halved and both halves sent.
    package var splits: Bool
    /// The provider's id of a single contact, where it says.
    package var contactID: String?

    package init(_ answer: Answer, splits: Bool = false, contactID: String? = nil) {
        self.answer = answer
        self.splits = splits
        self.contactID = contactID
    }
}

/// What a response to a lookup means.
package enum LookupAnswer: Hashable, Sendable {
    case present(id: String?)
    case absent
    /// Not among these rows; the next begin at `skip`.
    case more(skip: Int)
    /// Neither, with the verdict of any other response.
    case answer(Answer)
}
