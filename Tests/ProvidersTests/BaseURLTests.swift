import HTTPTypes
import ProviderKit
import Testing

@Suite struct BaseURLTests {
    @Test(arguments: [
        ("https://api.voxa.sa", "https://api.voxa.sa"), ("https://api.aelyst.ai/v1/", "https://api.aelyst.ai/v1"),
        ("HTTP://127.0.0.1:8080/hatif", "http://127.0.0.1:8080/hatif"), ("https://[::1]:9/", "https://[::1]:9"),
    ])
    func `an address keeps its host and path`(text: String, description: String) {
        #expect(BaseURL(text)?.description == description)
    }

    @Test(arguments: [
        "", "api.voxa.sa", "ftp://a", "https://", "https:///x", "https://user:password@a", "https://a?x",
        "https://a/#x",
        "https://a b", "https://ä", "://a", "https://:80",
    ])
    func `what is no address of an API is none`(text: String) {
        #expect(BaseURL(text) == nil)
    }

    @Test func `requests stand below the path`() {
        let request = BaseURL("http://h:1/aelyst/v1/")?.request(.get, "/contact/id:1")
        #expect(request?.path == "/aelyst/v1/contact/id:1")
        #expect(request?.authority == "h:1")
    }
}
