package import VCard

extension ContactUpload {
    /// What a provider takes of a contact: its preferred number that can be dialled, its preferred address.
    package init(_ contact: Contact, labels: [String] = []) {
        func present(_ text: String) -> String? { text.isEmpty ? nil : text }
        self.init(
            card: VCardWriter.write(contact),
            displayName: contact.displayName,
            firstName: present(contact.name.given),
            lastName: present(contact.name.family),
            phone: contact.phones.lazy.compactMap(\.e164).first,
            email: contact.emails.first?.address,
            organization: contact.organization,
            title: contact.title,
            language: contact.language,
            country: contact.addresses.lazy.compactMap { Self.code($0.country) }.first,
            labels: labels
        )
    }

    /// The country of an address where it is a code: names of countries are written in every language.
    private static func code(_ country: String) -> String? {
        let isCode = country.utf8.count == 2 && country.utf8.allSatisfy { (0x61...0x7A).contains($0 | 0x20) }
        return isCode ? country.uppercased() : nil
    }
}
