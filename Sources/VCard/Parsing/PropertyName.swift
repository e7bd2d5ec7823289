/// The properties that this module knows (RFC 2426, 6350, 6474, 6715, 8605, 9554, 9555 and common `X-` ones).
package enum PropertyName: UInt8, Hashable, Sendable {
    case begin, end, version
    case formattedName, name, nickname, photo, birthday, anniversary, address, label
    case telephone, email, messaging, socialProfile, language, title, role, organization
    case categories, note, revision, uid, url, kind, agent
    /// Known and kept, but not part of a contact.
    case logo, sound, key, otherKnown
    /// Apple's name of a group's properties.
    case groupLabel
    /// `X-` properties of one messaging service each; the service is in the name.
    case serviceHandle
    /// Everything else: a custom property.
    case custom

    /// How a value of this name is cut.
    enum Shape {
        case text, components, list, binary
    }

    var shape: Shape {
        switch self {
        case .name, .address, .organization: .components
        case .categories, .nickname: .list
        case .photo, .logo, .sound, .key: .binary
        default: .text
        }
    }

    /// Whether base64 under this name is content that no contact has a use for; elsewhere it is text.
    var keepsNoBinary: Bool { self == .custom || self == .otherKnown }

    static let table = NameTable<PropertyName>([
        ("BEGIN", .begin), ("END", .end), ("VERSION", .version), ("FN", .formattedName), ("N", .name),
        ("NICKNAME", .nickname),
        ("PHOTO", .photo), ("BDAY", .birthday), ("ANNIVERSARY", .anniversary), ("X-ANNIVERSARY", .anniversary),
        ("ADR", .address), ("LABEL", .label), ("TEL", .telephone), ("EMAIL", .email), ("IMPP", .messaging),
        ("SOCIALPROFILE", .socialProfile), ("X-SOCIALPROFILE", .socialProfile), ("LANG", .language),
        ("LANGUAGE", .language),
        ("TITLE", .title), ("ROLE", .role), ("ORG", .organization), ("CATEGORIES", .categories), ("NOTE", .note),
        ("REV", .revision), ("UID", .uid), ("URL", .url), ("KIND", .kind), ("X-ADDRESSBOOKSERVER-KIND", .kind),
        ("AGENT", .agent), ("LOGO", .logo), ("SOUND", .sound), ("KEY", .key), ("X-ABLABEL", .groupLabel),
        ("X-AIM", .serviceHandle), ("X-GADUGADU", .serviceHandle), ("X-GADU-GADU", .serviceHandle),
        ("X-GOOGLE-TALK", .serviceHandle), ("X-GTALK", .serviceHandle), ("X-GROUPWISE", .serviceHandle),
        ("X-ICQ", .serviceHandle), ("X-JABBER", .serviceHandle), ("X-MSN", .serviceHandle), ("X-QQ", .serviceHandle),
        ("X-SKYPE", .serviceHandle), ("X-SKYPE-USERNAME", .serviceHandle), ("X-TWITTER", .serviceHandle),
        ("X-YAHOO", .serviceHandle), ("X-TELEGRAM", .serviceHandle), ("X-WHATSAPP", .serviceHandle),
        ("BIRTHPLACE", .otherKnown), ("CALADRURI", .otherKnown), ("CALURI", .otherKnown), ("CLASS", .otherKnown),
        ("CLIENTPIDMAP", .otherKnown), ("CONTACT-URI", .otherKnown), ("CREATED", .otherKnown),
        ("DEATHDATE", .otherKnown),
        ("DEATHPLACE", .otherKnown), ("EXPERTISE", .otherKnown), ("FBURL", .otherKnown), ("GENDER", .otherKnown),
        ("GEO", .otherKnown), ("GRAMGENDER", .otherKnown), ("HOBBY", .otherKnown), ("INTEREST", .otherKnown),
        ("JSPROP", .otherKnown), ("MAILER", .otherKnown), ("MEMBER", .otherKnown), ("NAME", .otherKnown),
        ("ORG-DIRECTORY", .otherKnown), ("PRODID", .otherKnown), ("PROFILE", .otherKnown), ("PRONOUNS", .otherKnown),
        ("RELATED", .otherKnown), ("SORT-STRING", .otherKnown), ("SOURCE", .otherKnown), ("TZ", .otherKnown),
        ("XML", .otherKnown),
    ])
}

/// The parameters that this module reads.
package enum ParameterName: UInt8, Hashable, Sendable {
    case type, value, encoding, charset, language, preference, alternative, label, mediaType
    /// WhatsApp's digits of a number (`reference/vcard.md` 4).
    case waid
    /// Apple's stand-in for a year that is not known.
    case omitYear
    case serviceType, userName
    /// A value without a name, as version 2.1 writes types.
    case bare
    case other

    static let table = NameTable<ParameterName>([
        ("TYPE", .type), ("VALUE", .value), ("ENCODING", .encoding), ("CHARSET", .charset), ("LANGUAGE", .language),
        ("PREF", .preference), ("ALTID", .alternative), ("LABEL", .label), ("MEDIATYPE", .mediaType), ("WAID", .waid),
        ("X-APPLE-OMIT-YEAR", .omitYear), ("SERVICE-TYPE", .serviceType), ("X-SERVICE-TYPE", .serviceType),
        ("USERNAME", .userName), ("X-USER", .userName),
    ])
}

/// The types of a phone, an address and so on, as one set however they were written.
package struct TypeSet: OptionSet, Hashable, Sendable {
    package var rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let cell = TypeSet(rawValue: 1)
    package static let work = TypeSet(rawValue: 2)
    package static let home = TypeSet(rawValue: 4)
    package static let fax = TypeSet(rawValue: 8)
    package static let pager = TypeSet(rawValue: 16)
    package static let voice = TypeSet(rawValue: 32)
    /// A type that is none of the others.
    package static let other = TypeSet(rawValue: 64)
    /// Not a type of its own but a flag among them (RFC 2426 section 3.3.1).
    package static let preferred = TypeSet(rawValue: 128)

    /// What a bare parameter or a TYPE value means.
    enum Word {
        case type(TypeSet)
        case encoding(Encoding)
        /// Says where the value is; names no type.
        case location
        /// Says nothing about the use of a value, as `INTERNET` of an e-mail address.
        case noise
    }

    static let words = NameTable<Word>([
        ("CELL", .type(.cell)), ("MOBILE", .type(.cell)), ("IPHONE", .type(.cell)), ("WORK", .type(.work)),
        ("BUSINESS", .type(.work)), ("HOME", .type(.home)), ("FAX", .type(.fax)), ("HOMEFAX", .type([.home, .fax])),
        ("WORKFAX", .type([.work, .fax])), ("PAGER", .type(.pager)), ("VOICE", .type(.voice)),
        ("PREF", .type(.preferred)),
        ("QUOTED-PRINTABLE", .encoding(.quotedPrintable)), ("Q", .encoding(.quotedPrintable)),
        ("B", .encoding(.base64)),
        ("BASE64", .encoding(.base64)), ("8BIT", .encoding(.plain)), ("7BIT", .encoding(.plain)), ("INLINE", .location),
        ("URL", .location), ("URI", .location), ("CID", .location), ("CONTENT-ID", .location), ("INTERNET", .noise),
        ("X-INTERNET", .noise),
    ])
}

/// How a value's bytes are written.
package enum Encoding: UInt8, Hashable, Sendable {
    case plain, quotedPrintable, base64
}

/// The three versions in use: versit 2.1, RFC 2426, RFC 6350.
package enum VCardVersion: String, Hashable, Sendable, CaseIterable {
    case v21 = "2.1"
    case v30 = "3.0"
    case v40 = "4.0"
}
