internal import VCard

/// Reads what ``ContactJSON`` wrote: members that are missing are empty, unknown ones are passed over.
extension Contact {
    init(_ json: JSON) throws(Rejection) {
        self.init(displayName: "")
        for member in try json.requiredMembers("", allowed: "an object") {
            let value = member.value
            switch member.key {
            case "displayName": displayName = try value.requiredText("displayName", upTo: .max)
            case "name": name = try value.part("name", Name.init)
            case "phones": phones = try value.list("phones", Phone.init)
            case "emails": emails = try value.list("emails", Email.init)
            case "organization": organization = try value.optionalText("organization")
            case "units": units = try value.texts("units")
            case "title": title = try value.optionalText("title")
            case "role": role = try value.optionalText("role")
            case "addresses": addresses = try value.list("addresses", Address.init)
            case "notes": notes = try value.texts("notes")
            case "urls": urls = try value.texts("urls")
            case "birthday":
                birthday = try value.optional { json throws(Rejection) in try json.part("birthday", PartialDate.init) }
            case "anniversary":
                anniversary = try value.optional { json throws(Rejection) in
                    try json.part("anniversary", PartialDate.init)
                }
            case "categories": categories = try value.texts("categories")
            case "nicknames": nicknames = try value.texts("nicknames")
            case "photo": photo = try value.optional { json throws(Rejection) in try json.part("photo", Photo.init) }
            case "uid": uid = try value.optionalText("uid")
            case "revision": revision = try value.optionalText("revision")
            case "language": language = try value.optionalText("language")
            case "messaging": messaging = try value.list("messaging", MessagingHandle.init)
            case "custom": custom = try value.list("custom", CustomField.init)
            default: break
            }
        }
        if displayName.isEmpty { throw .missing("displayName", allowed: "text") }
    }
}

extension Contact.Name {
    fileprivate init(_ members: [JSON.Member]) throws(Rejection) {
        self.init()
        for member in members {
            switch member.key {
            case "family": family = try member.value.anyText("family")
            case "given": given = try member.value.anyText("given")
            case "additional": additional = try member.value.anyText("additional")
            case "prefix": prefix = try member.value.anyText("prefix")
            case "suffix": suffix = try member.value.anyText("suffix")
            default: break
            }
        }
    }
}

extension Contact.Phone {
    fileprivate init(_ members: [JSON.Member]) throws(Rejection) {
        self.init(raw: "")
        for member in members {
            let value = member.value
            switch member.key {
            case "raw": raw = try value.anyText("raw")
            case "e164": e164 = try value.optionalText("e164")
            case "reason": reason = try value.optional { json throws(Rejection) in try json.choice("reason") }
            case "extension": self.extension = try value.optionalText("extension")
            case "types": types = try value.kinds()
            case "label": label = try value.optionalText("label")
            case "pref": pref = try value.requiredBool("pref")
            default: break
            }
        }
    }
}

extension Contact.Email {
    fileprivate init(_ members: [JSON.Member]) throws(Rejection) {
        self.init(address: "")
        for member in members {
            let value = member.value
            switch member.key {
            case "address": address = try value.anyText("address")
            case "types": types = try value.kinds()
            case "label": label = try value.optionalText("label")
            case "pref": pref = try value.requiredBool("pref")
            default: break
            }
        }
    }
}

extension Contact.Address {
    fileprivate init(_ members: [JSON.Member]) throws(Rejection) {
        self.init()
        for member in members {
            let value = member.value
            switch member.key {
            case "poBox": poBox = try value.anyText("poBox")
            case "extended": extended = try value.anyText("extended")
            case "street": street = try value.anyText("street")
            case "locality": locality = try value.anyText("locality")
            case "region": region = try value.anyText("region")
            case "postalCode": postalCode = try value.anyText("postalCode")
            case "country": country = try value.anyText("country")
            case "types": types = try value.kinds()
            case "label": label = try value.optionalText("label")
            default: break
            }
        }
    }
}

extension PartialDate {
    fileprivate init(_ members: [JSON.Member]) throws(Rejection) {
        self.init(raw: "")
        for member in members {
            let value = member.value
            switch member.key {
            case "year": year = try value.optionalPosition("year")
            case "month": month = try value.optionalPosition("month")
            case "day": day = try value.optionalPosition("day")
            case "raw": raw = try value.anyText("raw")
            default: break
            }
        }
    }
}

extension Contact.Photo {
    fileprivate init(_ members: [JSON.Member]) throws(Rejection) {
        self.init()
        for member in members {
            let value = member.value
            switch member.key {
            case "mediaType": mediaType = try value.optionalText("mediaType")
            case "bytes": bytes = try value.optionalPosition("bytes")
            case "url": url = try value.optionalText("url")
            default: break
            }
        }
    }
}

extension Contact.MessagingHandle {
    fileprivate init(_ members: [JSON.Member]) throws(Rejection) {
        self.init(service: "", handle: "")
        for member in members {
            switch member.key {
            case "service": service = try member.value.anyText("service")
            case "handle": handle = try member.value.anyText("handle")
            default: break
            }
        }
    }
}

extension Contact.CustomField {
    fileprivate init(_ members: [JSON.Member]) throws(Rejection) {
        self.init(name: "", value: "")
        for member in members {
            let value = member.value
            switch member.key {
            case "name": name = try value.anyText("name")
            case "value": self.value = try value.anyText("value")
            case "label": label = try value.optionalText("label")
            default: break
            }
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

    fileprivate func list<Element>(
        _ field: String,
        _ read: ([Member]) throws(Rejection) -> Element
    ) throws(Rejection) -> [Element] {
        try list(field) { json throws(Rejection) in try read(try json.requiredMembers("", allowed: "an object")) }
    }

    func texts(_ field: String) throws(Rejection) -> [String] {
        try list(field) { json throws(Rejection) in try json.anyText("") }
    }

    fileprivate func kinds() throws(Rejection) -> [Contact.Kind] {
        try list("types") { json throws(Rejection) in try json.choice("") }
    }

    fileprivate func part<Part>(
        _ field: String,
        _ read: ([Member]) throws(Rejection) -> Part
    ) throws(Rejection) -> Part {
        do throws(Rejection) {
            return try read(try requiredMembers("", allowed: "an object"))
        } catch {
            throw error.inside(field)
        }
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
