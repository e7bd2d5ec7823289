import Foundation

/// Why a file of the settings could not be read.
package enum SettingsFileError: Error, Hashable, Sendable {
    case missing
    case forbidden
    case tooLarge
    case notText
    case failed

    var reason: String {
        switch self {
        case .missing: "does not exist"
        case .forbidden: "may not be read"
        case .tooLarge: "is larger than \(ByteSize.text(SettingsFile.limit))"
        case .notText: "is not UTF-8 text"
        case .failed: "cannot be read"
        }
    }
}

/// Reads the settings and the files that they refer to.
package enum SettingsFile {
    static let limit = 1 << 20

    package static func read(_ path: String) throws(SettingsFileError) -> String {
        let data: Data
        do {
            // A pipe or device never ends by itself, so no more than the limit is taken.
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            data = try handle.read(upToCount: limit + 1) ?? Data()
        } catch let error as CocoaError {
            throw switch error.code {
            case .fileNoSuchFile, .fileReadNoSuchFile: .missing
            case .fileReadNoPermission: .forbidden
            default: .failed
            }
        } catch {
            throw .failed
        }
        guard data.count <= limit else { throw .tooLarge }
        guard let text = String(validating: data, as: UTF8.self) else { throw .notText }
        return text
    }
}
