extension JSONBytes {
    mutating func write(_ contact: Contact) {
        object { json in
            json.member("displayName", contact.displayName)
            json.key("name")
            json.write(contact.name)
            json.key("phones")
            json.array(contact.phones) { $0.write($1) }
            json.key("emails")
            json.array(contact.emails) { $0.write($1) }
            json.member("organization", contact.organization)
            json.key("units")
            json.array(contact.units)
            json.member("title", contact.title)
            json.member("role", contact.role)
            json.key("addresses")
            json.array(contact.addresses) { $0.write($1) }
            json.key("notes")
            json.array(contact.notes)
            json.key("urls")
            json.array(contact.urls)
            json.key("birthday")
            json.write(contact.birthday)
            json.key("anniversary")
            json.write(contact.anniversary)
            json.key("categories")
            json.array(contact.categories)
            json.key("nicknames")
            json.array(contact.nicknames)
            json.key("photo")
            json.write(contact.photo)
            json.member("uid", contact.uid)
            json.member("revision", contact.revision)
            json.member("language", contact.language)
            json.key("messaging")
            json.array(contact.messaging) { json, handle in
                json.object { json in
                    json.member("service", handle.service)
                    json.member("handle", handle.handle)
                }
            }
            json.key("custom")
            json.array(contact.custom) { json, field in
                json.object { json in
                    json.member("name", field.name)
                    json.member("value", field.value)
                    json.member("label", field.label)
                }
            }
        }
    }

    private mutating func member(_ name: StaticString, _ value: String?) {
        key(name)
        text(value)
    }

    private mutating func kinds(_ kinds: [Contact.Kind]) {
        key("types")
        array(kinds) { $0.text($1.rawValue) }
    }

    private mutating func write(_ name: Contact.Name) {
        object { json in
            json.member("family", name.family)
            json.member("given", name.given)
            json.member("additional", name.additional)
            json.member("prefix", name.prefix)
            json.member("suffix", name.suffix)
        }
    }

    private mutating func write(_ phone: Contact.Phone) {
        object { json in
            json.member("raw", phone.raw)
            json.member("e164", phone.e164)
            json.member("reason", phone.reason?.rawValue)
            json.member("extension", phone.extension)
            json.kinds(phone.types)
            json.member("label", phone.label)
            json.key("pref")
            json.flag(phone.pref)
        }
    }

    private mutating func write(_ email: Contact.Email) {
        object { json in
            json.member("address", email.address)
            json.kinds(email.types)
            json.member("label", email.label)
            json.key("pref")
            json.flag(email.pref)
        }
    }

    private mutating func write(_ address: Contact.Address) {
        object { json in
            json.member("poBox", address.poBox)
            json.member("extended", address.extended)
            json.member("street", address.street)
            json.member("locality", address.locality)
            json.member("region", address.region)
            json.member("postalCode", address.postalCode)
            json.member("country", address.country)
            json.kinds(address.types)
            json.member("label", address.label)
        }
    }

    private mutating func write(_ date: PartialDate?) {
        guard let date else { return null() }
        object { json in
            json.key("year")
            json.number(date.year)
            json.key("month")
            json.number(date.month)
            json.key("day")
            json.number(date.day)
            json.member("raw", date.raw)
        }
    }

    private mutating func write(_ photo: Contact.Photo?) {
        guard let photo else { return null() }
        object { json in
            json.member("mediaType", photo.mediaType)
            json.key("bytes")
            json.number(photo.bytes)
            json.member("url", photo.url)
        }
    }
}
