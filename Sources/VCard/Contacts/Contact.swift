/// What an import makes of a card (`reference/vcard.md` 4).
///
/// Lists hold the preferred entry first and otherwise keep the file's order.
package struct Contact: Hashable, Sendable {
    /// Never empty.
    package var displayName: String
    package var name: Name
    package var phones: [Phone]
    package var emails: [Email]
    package var organization: String?
    package var units: [String]
    package var title: String?
    package var role: String?
    package var addresses: [Address]
    package var notes: [String]
    package var urls: [String]
    package var birthday: PartialDate?
    package var anniversary: PartialDate?
    package var categories: [String]
    package var nicknames: [String]
    package var photo: Photo?
    /// Without white space at its ends, `urn:uuid:` in lower case.
    package var uid: String?
    package var revision: String?
    package var language: String?
    package var messaging: [MessagingHandle]
    package var custom: [CustomField]

    package init(
        displayName: String,
        name: Name = Name(),
        phones: [Phone] = [],
        emails: [Email] = [],
        organization: String? = nil,
        units: [String] = [],
        title: String? = nil,
        role: String? = nil,
        addresses: [Address] = [],
        notes: [String] = [],
        urls: [String] = [],
        birthday: PartialDate? = nil,
        anniversary: PartialDate? = nil,
        categories: [String] = [],
        nicknames: [String] = [],
        photo: Photo? = nil,
        uid: String? = nil,
        revision: String? = nil,
        language: String? = nil,
        messaging: [MessagingHandle] = [],
        custom: [CustomField] = []
    ) {
        self.displayName = displayName
        self.name = name
        self.phones = phones
        self.emails = emails
        self.organization = organization
        self.units = units
        self.title = title
        self.role = role
        self.addresses = addresses
        self.notes = notes
        self.urls = urls
        self.birthday = birthday
        self.anniversary = anniversary
        self.categories = categories
        self.nicknames = nicknames
        self.photo = photo
        self.uid = uid
        self.revision = revision
        self.language = language
        self.messaging = messaging
        self.custom = custom
    }
}
