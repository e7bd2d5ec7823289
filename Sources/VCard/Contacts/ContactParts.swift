extension Contact {
    /// The five components of N, empty where the card has none.
    package struct Name: Hashable, Sendable {
        package var family: String
        package var given: String
        package var additional: String
        package var prefix: String
        package var suffix: String

        package init(
            family: String = "",
            given: String = "",
            additional: String = "",
            prefix: String = "",
            suffix: String = ""
        ) {
            self.family = family
            self.given = given
            self.additional = additional
            self.prefix = prefix
            self.suffix = suffix
        }

        package var isEmpty: Bool {
            family.isEmpty && given.isEmpty && additional.isEmpty && prefix.isEmpty && suffix.isEmpty
        }
    }

    /// What a phone, an e-mail address or a postal address is for.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case cell, work, home, fax, pager, voice, other
    }

    package struct Phone: Hashable, Sendable {
        /// As the card has it.
        package var raw: String
        /// `+` and 7 to 15 digits, or `nil` with a reason.
        package var e164: String?
        package var reason: PhoneReason?
        /// Digits to dial once the call is answered.
        package var `extension`: String?
        package var types: [Kind]
        package var label: String?
        package var pref: Bool

        package init(
            raw: String,
            e164: String? = nil,
            reason: PhoneReason? = nil,
            extension: String? = nil,
            types: [Kind] = [],
            label: String? = nil,
            pref: Bool = false
        ) {
            self.raw = raw
            self.e164 = e164
            self.reason = reason
            self.extension = `extension`
            self.types = types
            self.label = label
            self.pref = pref
        }
    }

    package struct Email: Hashable, Sendable {
        /// The domain in lower case, the local part untouched.
        package var address: String
        package var types: [Kind]
        package var label: String?
        package var pref: Bool

        package init(address: String, types: [Kind] = [], label: String? = nil, pref: Bool = false) {
            self.address = address
            self.types = types
            self.label = label
            self.pref = pref
        }
    }

    /// The seven components of ADR, empty where the card has none.
    package struct Address: Hashable, Sendable {
        package var poBox: String
        package var extended: String
        package var street: String
        package var locality: String
        package var region: String
        package var postalCode: String
        package var country: String
        package var types: [Kind]
        package var label: String?

        package init(
            poBox: String = "",
            extended: String = "",
            street: String = "",
            locality: String = "",
            region: String = "",
            postalCode: String = "",
            country: String = "",
            types: [Kind] = [],
            label: String? = nil
        ) {
            self.poBox = poBox
            self.extended = extended
            self.street = street
            self.locality = locality
            self.region = region
            self.postalCode = postalCode
            self.country = country
            self.types = types
            self.label = label
        }
    }

    /// A picture: either its size in bytes or where it is.
    ///
    /// The bytes themselves are not kept.
    package struct Photo: Hashable, Sendable {
        package var mediaType: String?
        package var bytes: Int?
        package var url: String?

        package init(mediaType: String? = nil, bytes: Int? = nil, url: String? = nil) {
            self.mediaType = mediaType
            self.bytes = bytes
            self.url = url
        }
    }

    package struct MessagingHandle: Hashable, Sendable {
        /// In lower case, as `skype` or `xmpp`.
        package var service: String
        package var handle: String

        package init(service: String, handle: String) {
            self.service = service
            self.handle = handle
        }
    }

    /// A property that is nobody's standard.
    package struct CustomField: Hashable, Sendable {
        /// As the card writes it.
        package var name: String
        package var value: String
        package var label: String?

        package init(name: String, value: String, label: String? = nil) {
            self.name = name
            self.value = value
            self.label = label
        }
    }
}
