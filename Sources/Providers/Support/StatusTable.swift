import ProviderKit

/// What the statuses mean that all three providers treat alike (`reference/providers.md` section 4).
enum StatusTable {
    static func verdict(_ status: Int) -> Answer.Verdict {
        switch status {
        case 200..<300: .done
        // Following would take the token to another address, and what a POST becomes there is anybody's guess.
        case 300..<400: .refused
        case 401: .unauthorized
        case 404: .notFound
        // Both statuses say that the request was not worked on and may be sent again (RFC 9110 section 15.5.9, RFC 8470).
        case 408, 425: .failed
        case 429: .throttled
        case 400..<500: .refused
        default: .failed
        }
    }
}
