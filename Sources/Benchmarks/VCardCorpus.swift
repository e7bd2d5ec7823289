/// Files of made-up cards, the same for the same size on every machine.
///
/// Of five cards three are of version 3.0, one of 4.0 and one of 2.1 with quoted-printable, in the ways that phones,
/// mail programs and messengers write them; about 580 bytes a card.
struct VCardCorpus {
    private var random: UInt64

    init(seed: UInt64 = 1) { random = seed }

    /// - Parameter photoEvery: every so-manieth card has a photo of 20,000 to 60,000 bytes; 0 for none.
    mutating func file(cards: Int, photoEvery: Int = 0) -> [UInt8] {
        var file: [UInt8] = []
        file.reserveCapacity(cards * 600)
        for index in 0..<cards {
            let photo = photoEvery > 0 && index % photoEvery == 0 ? self.photo() : ""
            file.append(contentsOf: card(index, photo: photo).utf8)
        }
        return file
    }

    mutating func card(_ index: Int, photo: String = "") -> String {
        let person = Person(index, &self)
        return switch index % 5 {
        case 0: version21(person, photo: photo)
        case 1: version40(person, photo: photo)
        default: version30(person, photo: photo)
        }
    }

    /// splitmix64.
    mutating func next(_ bound: Int) -> Int {
        random &+= 0x9E37_79B9_7F4A_7C15
        var mixed = random
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return Int(truncatingIfNeeded: (mixed ^ mixed >> 31) % UInt64(max(1, bound)))
    }

    mutating func pick(_ choices: [String]) -> String { choices[next(choices.count)] }

    private mutating func photo() -> String {
        let symbols = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let count = (20_000 + next(40_000)) / 4 * 4
        let bytes = (0..<count).map { _ in symbols[next(64)] }
        var text = "/9j/"
        for start in stride(from: 0, to: count, by: 74) {
            text += "\r\n " + String(decoding: bytes[start..<min(count, start + 74)], as: UTF8.self)
        }
        return text + "\r\n"
    }

    private struct Person {
        var family: String
        var given: String
        var mobile: String
        var work: String
        var email: String
        var company: String
        var street: String
        var city: String
        var number: Int
        var note: String
        var year: Int

        init(_ index: Int, _ corpus: inout VCardCorpus) {
            family = corpus.pick([
                "Müller", "Al-Harbi", "García", "Smith", "Иванов", "山田", "العتيبي", "O'Neil", "Nguyễn", "Ali",
            ])
            given = corpus.pick(["Jürgen", "Sara", "José", "Anna", "Пётр", "太郎", "محمد", "Zoë", "Björn", "Fatima"])
            mobile = "+9665\(10_000_000 + index)"
            work = "+49 30 \(1_000_000 + corpus.next(9_000_000))"
            email = "user\(index)@\(corpus.pick(["example.com", "mail.example.org", "firma.example"]))"
            company = corpus.pick([
                "Acme, Inc.", "Bücher GmbH", "شركة المثال", "Example Trading Est.", "Widgets & Söhne",
            ])
            street =
                "\(corpus.pick(["Hauptstraße", "King Fahd Road", "Main St", "Rue de la Paix"])) \(1 + corpus.next(200))"
            city = corpus.pick(["Berlin", "Riyadh", "Zürich", "São Paulo", "جدة"])
            number = index
            year = 1950 + corpus.next(55)
            note = corpus.pick([
                "Met at the fair; wants the price list, please call back", "Kunde seit 2019", "اتصل به بعد العيد",
                "Prefers e-mail. Second floor, door on the left, ring twice and wait until somebody comes",
            ])
        }
    }

    private func escaped(_ text: String) -> String {
        text.map { ",;\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
    }

    /// Folds at 75 bytes without cutting a character in two.
    private func line(_ text: String) -> String {
        guard text.utf8.count > 75 else { return text + "\r\n" }
        var result = ""
        var room = 75
        for character in text {
            let count = character.utf8.count
            if count > room {
                result += "\r\n "
                room = 74
            }
            result.append(character)
            room -= count
        }
        return result + "\r\n"
    }

    private func version30(_ person: Person, photo: String) -> String {
        var text = "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Example Corp.//Phone OS 17.5//EN\r\n"
        text += line("N:\(escaped(person.family));\(escaped(person.given));;;")
        text += line("FN:\(person.given) \(person.family) \(person.number)")
        text += line("ORG:\(escaped(person.company));Sales")
        text += line("TEL;type=CELL;type=VOICE;type=pref:\(person.mobile)")
        text += line("TEL;type=WORK;type=VOICE:\(person.work)")
        text += line("EMAIL;type=INTERNET;type=HOME:\(person.email)")
        text += line("item1.ADR;type=WORK:;;\(escaped(person.street));\(person.city);;12345;Country")
        text += line("item1.X-ABLabel:_$!<Work>!$_")
        text += line("NOTE:\(escaped(person.note)), \(escaped(person.note))")
        text += line("BDAY:\(person.year)-05-09")
        text += line("CATEGORIES:customer,import \(person.number % 7)")
        text += line("URL;type=WORK:http\\://www.example.com/\(person.number)")
        if !photo.isEmpty { text += "PHOTO;ENCODING=b;TYPE=JPEG:" + photo }
        text += line("UID:\(person.number)-3f2504e0-4f89-11d3-9a0c-0305e82c3301")
        return text + "REV:2024-05-09T10:00:00Z\r\nEND:VCARD\r\n"
    }

    private func version40(_ person: Person, photo: String) -> String {
        var text = "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:individual\r\n"
        text += line("FN:\(person.given) \(person.family) \(person.number)")
        text += line("N:\(escaped(person.family));\(escaped(person.given));;;")
        text += line("TEL;VALUE=uri;PREF=1;TYPE=\"voice,cell\":tel:\(person.mobile)")
        text += line("TEL;VALUE=uri;TYPE=\"voice,work\":tel:\(person.work.filter { $0 != " " })")
        text += line("EMAIL;TYPE=work:\(person.email)")
        text += line(
            "ADR;TYPE=work;LABEL=\"\(person.street)^n\(person.city)\":;;\(escaped(person.street));\(person.city);;12345;"
        )
        text += line("ORG:\(escaped(person.company));Support")
        text += line("NOTE:\(escaped(person.note)). \(escaped(person.note))")
        text += line("BDAY:--0509")
        text += line("IMPP:xmpp:user\(person.number)@example.com")
        text += line("LANG;PREF=1:ar")
        if !photo.isEmpty { text += "PHOTO:data:image/jpeg;base64," + photo }
        return text + line("UID:urn:uuid:4FBE8971-0BC3-424C-9C26-36C3E1EFF6B\(person.number)") + "END:VCARD\r\n"
    }

    private func version21(_ person: Person, photo: String) -> String {
        var text = "BEGIN:VCARD\r\nVERSION:2.1\r\n"
        text += encoded("N", "\(person.family);\(person.given);;;", keeps: ";")
        text += encoded("FN", "\(person.given) \(person.family) \(person.number)")
        text += "TEL;CELL;PREF:\(person.mobile)\r\nTEL;WORK;VOICE:\(person.work)\r\n"
        text += "EMAIL;INTERNET;HOME:\(person.email)\r\n"
        text += encoded("ORG", "\(person.company);Service", keeps: ";")
        text += encoded("ADR;WORK", ";;\(person.street);\(person.city);;12345;", keeps: ";")
        text += encoded("NOTE", person.note)
        if !photo.isEmpty { text += "PHOTO;JPEG;ENCODING=BASE64:" + photo + "\r\n" }
        return text + "BDAY:\(person.year)0509\r\nX-CLASS:private\r\nEND:VCARD\r\n"
    }

    /// Quoted-printable with soft breaks before the 76th character.
    private func encoded(_ name: String, _ text: String, keeps: String = "") -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var result = Array("\(name);CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:".utf8)
        var column = result.count
        let kept = Array((keeps + " ").utf8)
        for byte in text.utf8 {
            let isPlain = byte < 0x7F && (byte > 0x3E || 0x30...0x3C ~= byte) || kept.contains(byte)
            let piece = isPlain ? [byte] : [0x3D, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            if column + piece.count > 75 {
                result += [0x3D, 13, 10]
                column = 0
            }
            result += piece
            column += piece.count
        }
        return String(decoding: result, as: UTF8.self) + "\r\n"
    }
}
