internal import VCard

/// Reads what ``ContactJSON`` wrote: members that are missing are empty, unknown ones are passed over.
extension Contact {
    init(_ json: JSON) throws(Rejection) {
        self.init(displayName: "")
        for member in try json.requiredMembers("", allowed: "an object") {
            let (key, value) = (member.key, member.value)
            switch key {
            case "displayName": displayName = try value.requiredText(key, upTo: .max)
            case "name": name = try value.part(key)
            case "phones": phones = try value.parts(key)
            case "emails": emails = try value.parts(key)
            case "organization": organization = try value.optionalText(key)
            case "units": units = try value.texts(key)
            case "title": title = try value.optionalText(key)
            case "role": role = try value.optionalText(key)
            case "addresses": addresses = try value.parts(key)
            case "notes": notes = try value.texts(key)
            case "urls": urls = try value.texts(key)
            case "birthday": birthday = try value.optionalPart(key)
            case "anniversary": anniversary = try value.optionalPart(key)
            case "categories": categories = try value.texts(key)
            case "nicknames": nicknames = try value.texts(key)
            case "photo": photo = try value.optionalPart(key)
            case "uid": uid = try value.optionalText(key)
            case "revision": revision = try value.optionalText(key)
            case "language": language = try value.optionalText(key)
            case "messaging": messaging = try value.parts(key)
            case "custom": custom = try value.parts(key)
            default: break
            }
        }
        if displayName.isEmpty { throw .missing("displayName", allowed: "text") }
    }
}

/// An object within a contact.
private protocol ContactPart {
    static var empty: Self { get }

    /// Takes a member; one that is not known changes nothing.
    mutating func take(_ key: String, _ value: JSON) throws(Rejection)
}

extension Contact.Name: ContactPart {
    fileprivate static var empty: Self { Self() }

    fileprivate mutating func take(_ key: String, _ value: JSON) throws(Rejection) {
        switch key {
        case "family": family = try value.anyText(key)
        case "given": given = try value.anyText(key)
        case "additional": additional = try value.anyText(key)
        case "prefix": prefix = try value.anyText(key)
        case "suffix": suffix = try value.anyText(key)
        default: break
        }
    }
}

extension Contact.Phone: ContactPart {
    fileprivate static var empty: Self { Self(raw: "") }

    fileprivate mutating func take(_ key: String, _ value: JSON) throws(Rejection) {
        switch key {
        case "raw": raw = try value.anyText(key)
        case "e164": e164 = try value.optionalText(key)
        case "reason": reason = try value.optional { json throws(Rejection) in try json.choice(key) }
        case "extension": self.extension = try value.optionalText(key)
        case "types": types = try value.kinds()
        case "label": label = try value.optionalText(key)
        case "pref": pref = try value.requiredBool(key)
        default: break
        }
    }
}

extension Contact.Email: ContactPart {
    fileprivate static var empty: Self { Self(address: "") }

    fileprivate mutating func take(_ key: String, _ value: JSON) throws(Rejection) {
        switch key {
        case "address": address = try value.anyText(key)
        case "types": types = try value.kinds()
        case "label": label = try value.optionalText(key)
        case "pref": pref = try value.requiredBool(key)
        default: break
        }
    }
}

extension Contact.Address: ContactPart {
    fileprivate static var empty: Self { Self() }

    fileprivate mutating func take(_ key: String, _ value: JSON) throws(Rejection) {
        switch key {
        case "poBox": poBox = try value.anyText(key)
        case "extended": extended = try value.anyText(key)
        case "street": street = try value.anyText(key)
        case "locality": locality = try value.anyText(key)
        case "region": region = try value.anyText(key)
        case "postalCode": postalCode = try value.anyText(key)
        case "country": country = try value.anyText(key)
        case "types": types = try value.kinds()
        case "label": label = try value.optionalText(key)
        default: break
        }
    }
}

extension PartialDate: ContactPart {
    fileprivate static var empty: Self { Self(raw: "") }

    fileprivate mutating func take(_ key: String, _ value: JSON) throws(Rejection) {
        switch key {
        case "year": year = try value.optionalPosition(key)
        case "month": month = try value.optionalPosition(key)
        case "day": day = try value.optionalPosition(key)
        case "raw": raw = try value.anyText(key)
        default: break
        }
    }
}

extension Contact.Photo: ContactPart {
    fileprivate static var empty: Self { Self() }

    fileprivate mutating func take(_ key: String, _ value: JSON) throws(Rejection) {
        switch key {
        case "mediaType": mediaType = try value.optionalText(key)
        case "bytes": bytes = try value.optionalPosition(key)
        case "url": url = try value.optionalText(key)
        default: break
        }
    }
}

extension Contact.MessagingHandle: ContactPart {
    fileprivate static var empty: Self { Self(service: "", handle: "") }

    fileprivate mutating func take(_ key: String, _ value: JSON) throws(Rejection) {
        switch key {
        case "service": service = try value.anyText(key)
        case "handle": handle = try value.anyText(key)
        default: break
        }
    }
}

extension Contact.CustomField: ContactPart {
    fileprivate static var empty: Self { Self(name: "", value: "") }

    fileprivate mutating func take(_ key: String, _ value: JSON) throws(Rejection) {
        switch key {
        case "name": name = try value.anyText(key)
        case "value": self.value = try value.anyText(key)
        case "label": label = try value.optionalText(key)
        default: break
        }
    }
}

/// Reads whose fields are named from where they stand; ``Rejection/inside(_:)`` completes the path, only when it is needed.
extension JSON {
    fileprivate func anyText(_ field: String) throws(Rejection) -> String {
        guard case .string(let text) = self else { throw .wrong(field, self, allowed: "text") }
        return text
    }

    func optionalText(_ field: String) throws(Rejection) -> String? {
        self == .null ? nil : try anyText(field)
    }

    func optional<Value>(_ read: (JSON) throws(Rejection) -> Value) throws(Rejection) -> Value? {
        self == .null ? nil : try read(self)
    }

    func position(_ field: String, from first: Int64) throws(Rejection) -> Int {
        Int(try requiredInteger(field, in: first...(1 << 53)))
    }

    fileprivate func optionalPosition(_ field: String) throws(Rejection) -> Int? {
        self == .null ? nil : try position(field, from: 0)
    }

    func list<Element>(
        _ field: String,
        _ read: (JSON) throws(Rejection) -> Element
    ) throws(Rejection) -> [Element] {
        guard case .array(let elements) = self else { throw .wrong(field, self, allowed: "a list") }
        var result: [Element] = []
        result.reserveCapacity(elements.count)
        for element in elements {
            do throws(Rejection) {
                result.append(try read(element))
            } catch {
                throw error.inside("\(field)[\(result.count)]")
            }
        }
        return result
    }

    fileprivate func parts<Part: ContactPart>(_ field: String) throws(Rejection) -> [Part] {
        try list(field) { json throws(Rejection) in try json.part() }
    }

    func texts(_ field: String) throws(Rejection) -> [String] {
        try list(field) { json throws(Rejection) in try json.anyText("") }
    }

    fileprivate func kinds() throws(Rejection) -> [Contact.Kind] {
        try list("types") { json throws(Rejection) in try json.choice("") }
    }

    fileprivate func part<Part: ContactPart>() throws(Rejection) -> Part {
        var part = Part.empty
        for member in try requiredMembers("", allowed: "an object") { try part.take(member.key, member.value) }
        return part
    }

    fileprivate func part<Part: ContactPart>(_ field: String) throws(Rejection) -> Part {
        do throws(Rejection) { return try part() } catch { throw error.inside(field) }
    }

    fileprivate func optionalPart<Part: ContactPart>(_ field: String) throws(Rejection) -> Part? {
        try optional { json throws(Rejection) in try json.part(field) }
    }
}

extension Rejection {
    /// The same rejection with its field named from further outside.
    func inside(_ path: String) -> Rejection {
        var result = self
        result.field = field.isEmpty ? path : field.hasPrefix("[") ? path + field : "\(path).\(field)"
        return result
    }
}
