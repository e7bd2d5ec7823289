extension ContactMapper {
    func date(_ property: Property, _ card: inout Card) -> PartialDate? {
        let raw = card.trimmedText(of: property)
        guard !raw.isEmpty else { return nil }
        let omitted = property.parameterCount == 0 ? nil : card.parameter(.omitYear, of: property)
        let date = PartialDate(parsing: raw, omittedYear: omitted.flatMap { Int($0) })
        if date.isUnreadable, card.parameter(.value, of: property)?.lowercased() != "text" {
            card.warn(.badDate, at: property, limits: rules.limits)
        }
        return date
    }

    /// `false` for binary content that cannot be decoded, which is reported.
    @discardableResult
    func checkBinary(_ property: Property, _ card: inout Card) -> Bool {
        guard let binary = property.binary, !binary.isValid else { return true }
        if !binary.isEmpty { card.warn(.badBase64, at: property, limits: rules.limits) }
        return false
    }

    mutating func takePhoto(_ property: Property, _ card: inout Card) {
        guard checkBinary(property, &card), contact.photo == nil else { return }
        let text = card.trimmedText(of: property)
        if let binary = property.binary {
            let type = mediaType(property, card) ?? Self.mediaType(ofDataURI: text) ?? binary.format.mediaType
            contact.photo = Contact.Photo(mediaType: type, bytes: binary.bytes)
        } else if text.prefix(5).lowercased() == "data:" {
            card.warn(.badBase64, at: property, limits: rules.limits)
        } else if !text.isEmpty {
            contact.photo = Contact.Photo(mediaType: mediaType(property, card), url: text)
        }
    }

    /// MEDIATYPE of 4.0, or TYPE as 2.1 and 3.0 use it: `JPEG`, `image/jpeg`.
    private func mediaType(_ property: Property, _ card: Card) -> String? {
        if let type = card.parameter(.mediaType, of: property) { return type.lowercased() }
        for parameter in card.parameters(of: property) where parameter.name == .type || parameter.name == .bare {
            let text = card.text(of: parameter).lowercased()
            if text.hasPrefix("image/") { return text }
            switch text {
            case "jpeg", "jpg": return "image/jpeg"
            case "png", "gif", "bmp", "tiff", "webp", "heic": return "image/" + text
            default: continue
            }
        }
        return nil
    }

    private static func mediaType(ofDataURI text: String) -> String? {
        guard text.prefix(5).lowercased() == "data:" else { return nil }
        let type = text.dropFirst(5).prefix { $0 != ";" && $0 != "," && $0 != "\\" }
        return type.contains("/") ? type.lowercased() : nil
    }

    mutating func takeHandle(_ property: Property, _ card: Card) {
        let text = card.trimmedText(of: property)
        var service = property.parameterCount == 0 ? nil : card.parameter(.serviceType, of: property)
        var handle = text
        switch property.name {
        case .serviceHandle:
            let name = card.name(of: property).lowercased().dropFirst(2)
            service = name == "skype-username" ? "skype" : name == "gtalk" ? "google-talk" : String(name)
        case .socialProfile:
            service = service ?? firstType(property, card)
            handle = card.parameter(.userName, of: property) ?? text
        default: break
        }
        if property.name != .serviceHandle, let colon = handle.firstIndex(of: ":") {
            let scheme = handle[..<colon].lowercased()
            let isWeb = scheme == "http" || scheme == "https"
            let isScheme = !scheme.isEmpty && scheme.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == ASCII.hyphen }
            if isScheme, !isWeb {
                service = service ?? scheme
                handle = String(handle[handle.index(after: colon)...])
            }
        }
        guard !handle.isEmpty else { return }
        contact.messaging.append(
            Contact.MessagingHandle(service: service?.lowercased() ?? "other", handle: handle)
        )
    }

    private func firstType(_ property: Property, _ card: Card) -> String? {
        for parameter in card.parameters(of: property) where parameter.name == .type || parameter.name == .bare {
            let text = card.text(of: parameter).lowercased()
            if !["pref", "home", "work", "other"].contains(text) { return text }
        }
        return nil
    }

    mutating func takeCustom(_ property: Property, _ card: inout Card) {
        guard property.binary == nil else {
            checkBinary(property, &card)
            return
        }
        let range = card.range(of: property, at: 0)
        let name = card.name(of: property)
        guard !range.isEmpty, !name.isEmpty else { return }
        let isOver = range.count > rules.limits.customValue || contact.custom.count >= rules.limits.customFields
        guard !isOver else { return card.warn(.valueTooLong, at: property, limits: rules.limits) }
        contact.custom.append(
            Contact.CustomField(name: name, value: card.text(range), label: label(of: property, in: card))
        )
    }
}
