/// The names of keys as environment variables: upper case, with `_` for dots, brackets and the humps of camelCase.
package enum EnvironmentName {
    package static let prefix = "BULKHEAD_"

    /// Variables that begin as ours do and are no keys.
    package static let reserved: KeyValuePairs = [
        "BULKHEAD_CONFIG": "path of the settings file",
        "BULKHEAD_BENCHMARKS": "set while building: adds the benchmarks to the package",
    ]

    /// The variable of a path, as `BULKHEAD_PROVIDERS_HATIF_BASE_URL` of `providers.hatif.baseURL`.
    package static func variable(of path: String) -> String { prefix + part(path) }

    /// One part of such a name.
    static func part(_ key: String) -> String {
        let scalars = Array(key.unicodeScalars)
        var name = ""
        for (index, scalar) in scalars.enumerated() {
            guard scalar.isASCII, scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) else {
                if !name.isEmpty, !name.hasSuffix("_") { name += "_" }
                continue
            }
            let isUpper = ("A"..."Z").contains(scalar)
            let afterLower = index > 0 && ("a"..."z").contains(scalars[index - 1])
            // The last capital of `IDField` begins the next word.
            let beforeLower =
                index > 0 && ("A"..."Z").contains(scalars[index - 1]) && index + 1 < scalars.count
                && ("a"..."z").contains(scalars[index + 1])
            if isUpper, afterLower || beforeLower { name += "_" }
            name += String(scalar).uppercased()
        }
        return name.hasSuffix("_") ? String(name.dropLast()) : name
    }

    /// Whether Kubernetes set the variable for a service whose name begins with `bulkhead`.
    ///
    /// The kubelet describes each service of the namespace as `{NAME}_SERVICE_HOST`, `{NAME}_SERVICE_PORT…`,
    /// `{NAME}_PORT` and `{NAME}_PORT_<number>_<protocol>…` (Kubernetes documentation, "Service", environment variables).
    static func isKubernetesService(_ name: String, value: String) -> Bool {
        if name.hasSuffix("_SERVICE_HOST") || name.hasSuffix("_SERVICE_PORT") || name.contains("_SERVICE_PORT_") {
            return true
        }
        if name.hasSuffix("_PORT"), ["tcp://", "udp://", "sctp://"].contains(where: { value.hasPrefix($0) }) {
            return true
        }
        let parts = name.split(separator: "_")
        return parts.indices.dropLast(2).contains { index in
            parts[index] == "PORT" && parts[index + 1].utf8.allSatisfy { (0x30...0x39).contains($0) }
                && ["TCP", "UDP", "SCTP"].contains(parts[index + 2])
        }
    }
}
