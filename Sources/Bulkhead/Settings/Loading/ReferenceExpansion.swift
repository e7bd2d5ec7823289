/// Replaces `${NAME}`, `${NAME:-default}` and `${file:/path}` in values; `$$` is one dollar sign.
struct ReferenceExpansion {
    struct Failure: Error {
        /// In words, without any value.
        var reason: String
    }

    let environment: [String: String]
    let readFile: (String) throws(SettingsFileError) -> String

    func expand(_ scalar: SettingsNode.Scalar) -> Result<String, Failure> {
        guard !scalar.isLiteral, scalar.text.contains("$") else { return .success(scalar.text) }
        var output = ""
        var rest = scalar.text[...]
        while let dollar = rest.firstIndex(of: "$") {
            output += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            switch rest.first {
            case "$":
                output += "$"
                rest = rest.dropFirst()
            case "{":
                guard let end = rest.firstIndex(of: "}") else {
                    return .failure(Failure(reason: "\"${\" without \"}\"; a dollar sign is written \"$$\""))
                }
                let reference = rest[rest.index(after: rest.startIndex)..<end]
                switch value(of: reference) {
                case .success(let value): output += value
                case .failure(let failure): return .failure(failure)
                }
                rest = rest[rest.index(after: end)...]
            default:
                output += "$"
            }
        }
        return .success(output + rest)
    }

    private func value(of reference: Substring) -> Result<String, Failure> {
        if reference.hasPrefix("file:") {
            let path = String(reference.dropFirst("file:".count))
            do {
                // Editors and `kubectl create secret` leave a line break at the end.
                var text = try readFile(path)[...]
                while text.last?.isNewline == true { text.removeLast() }
                return .success(String(text))
            } catch {
                return .failure(Failure(reason: "the file \(path) \(error.reason)"))
            }
        }
        let name = String(reference.prefix { $0 != ":" })
        let rest = reference.dropFirst(name.count)
        guard !name.isEmpty, name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") }),
            rest.isEmpty || rest.hasPrefix(":-")
        else {
            return .failure(Failure(reason: "a reference is ${NAME}, ${NAME:-default} or ${file:/path}"))
        }
        // As in a shell, `:-` also stands in for a variable that is set to nothing.
        if rest.hasPrefix(":-") {
            let value = environment[name] ?? ""
            return .success(value.isEmpty ? String(rest.dropFirst(2)) : value)
        }
        guard let value = environment[name] else {
            return .failure(Failure(reason: "the environment variable \(name) is not set"))
        }
        return .success(value)
    }
}
