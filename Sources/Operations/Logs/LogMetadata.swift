internal import Logging

/// What is said about one log event beside its message.
enum LogMetadata {
    /// The handler's values, over them those of the task, over them those of the call, and the error's.
    ///
    /// Values inside of dictionaries come out as `outer.inner`; the order is that of the names.
    static func flat(
        handler: Logger.Metadata,
        provider: Logger.MetadataProvider?,
        event: LogEvent
    ) -> [(name: String, value: Logger.MetadataValue)] {
        var metadata = handler
        if let provided = provider?.get(), !provided.isEmpty { metadata.merge(provided) { $1 } }
        if let said = event.metadata, !said.isEmpty { metadata.merge(said) { $1 } }
        if let error = event.error { metadata["error"] = .string("\(error)") }
        guard !metadata.isEmpty else { return [] }
        var fields: [String: Logger.MetadataValue] = [:]
        fields.reserveCapacity(metadata.count)
        for (name, value) in metadata { add(value, as: name, to: &fields) }
        return fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func add(
        _ value: Logger.MetadataValue,
        as name: String,
        to fields: inout [String: Logger.MetadataValue]
    ) {
        guard case .dictionary(let inner) = value else {
            fields[name] = value
            return
        }
        for (innerName, innerValue) in inner { add(innerValue, as: "\(name).\(innerName)", to: &fields) }
    }
}
