extension ProviderSettings {
    /// What only Hatif has (`reference/providers.md` 1); the vendor leaves all of it open.
    package struct Hatif: SettingsGroup, Hashable, Sendable {
        package enum UserIDField: String, Hashable, Sendable, CaseIterable { case userId, id }

        package var tokenLifetime: Duration = .seconds(1_800)
        package var renewBefore: Duration = .seconds(60)
        package var userIDField = UserIDField.userId
        package var scope = "VoxaAPI"
        package var imports = HatifImport()

        package init() {}

        package static var fields: [SettingsField<Hatif>] {
            [
                .value(
                    "tokenLifetime",
                    \.tokenLifetime,
                    .duration(.seconds(120) ... .seconds(86_400 * 30)),
                    "How long a token is used when its answer does not say."
                ),
                .value(
                    "renewBefore",
                    \.renewBefore,
                    .duration(.seconds(60) ... .seconds(86_400)),
                    "How long before its end a token is renewed."
                ),
                .value("userIDField", \.userIDField, .choice, "The field of a user that `assignee.user` is."),
                .value("scope", \.scope, .text(upTo: 200), "OAuth scope that tokens are asked for."),
                .group("import", \.imports, "Imports of vCards."),
            ]
        }
    }

    package struct HatifImport: SettingsGroup, Hashable, Sendable {
        package enum Mode: String, Hashable, Sendable, CaseIterable { case bulk, single }

        package var cardsPerRequest: Int?
        package var bytesPerRequest = 512 * 1_024
        package var reconcileDelay: Duration = .seconds(10)
        package var mode = Mode.bulk

        package init() {}

        package static var fields: [SettingsField<HatifImport>] {
            [
                .optional(
                    "cardsPerRequest",
                    \.cardsPerRequest,
                    .integer(1...1_000),
                    absent: "import.cardsPerRequest",
                    "Most cards in one request."
                ),
                .value(
                    "bytesPerRequest",
                    \.bytesPerRequest,
                    .bytes(1_024...16_777_216),
                    "Most bytes of cards in one request."
                ),
                .value(
                    "reconcileDelay",
                    \.reconcileDelay,
                    .duration(.zero ... .seconds(600)),
                    "Wait before contacts are read back."
                ),
                .value("mode", \.mode, .choice, "`single` creates contacts one by one."),
            ]
        }
    }

    /// What only Aelyst has (`reference/providers.md` 2).
    package struct Aelyst: SettingsGroup, Hashable, Sendable {
        package enum PercentEncoding: String, Hashable, Sendable, CaseIterable {
            /// As `phone:%2B60…` and `email:a%40b.c`.
            case keepColon
            /// As `phone%3A%2B60…` and `email%3Aa%40b.c`.
            case full
            /// As `phone:+60…` and `email:a@b.c`.
            case minimal
        }

        package var queued = AelystQueued()
        package var createDelay: Duration = .seconds(10)
        package var percentEncoding = PercentEncoding.keepColon
        package var openBeforeAssign = false
        package var readBack = false
        package var timeZone = "UTC"
        package var organizationField: String?
        package var titleField: String?
        package var labelsField: String?

        package init() {}

        package static var fields: [SettingsField<Aelyst>] {
            [
                .group("queued", \.queued, "Waiting after a 449 of this provider."),
                .value(
                    "createDelay",
                    \.createDelay,
                    .duration(.zero ... .seconds(600)),
                    "Wait before anything is done with a contact that was just created."
                ),
                .value(
                    "percentEncoding",
                    \.percentEncoding,
                    .choice,
                    "How identifiers are written in paths, which are also what limits count."
                ),
                .value("openBeforeAssign", \.openBeforeAssign, .flag, "Opens the conversation before assigning it."),
                .value("readBack", \.readBack, .flag, "Reads the assignee after each change."),
                .value("timeZone", \.timeZone, .text(upTo: 64), "Time zone sent with lists of contacts."),
                .optional(
                    "organizationField",
                    \.organizationField,
                    .text(upTo: 200),
                    absent: "not sent",
                    "Custom field of the workspace that takes a card's organization; an unknown one spoils the request."
                ),
                .optional(
                    "titleField",
                    \.titleField,
                    .text(upTo: 200),
                    absent: "not sent",
                    "Custom field of the workspace that takes a card's title."
                ),
                .optional(
                    "labelsField",
                    \.labelsField,
                    .text(upTo: 200),
                    absent: "not sent",
                    "Custom field of the workspace that takes the labels of an import, separated by commas."
                ),
            ]
        }
    }

    package struct AelystQueued: SettingsGroup, Hashable, Sendable {
        package var base: Duration?
        package var cap: Duration?

        package init() {}

        package static var fields: [SettingsField<AelystQueued>] {
            [
                .optional(
                    "base",
                    \.base,
                    .duration(.seconds(1) ... .seconds(3_600)),
                    absent: "queued.base",
                    "First wait; doubled each time."
                ),
                .optional(
                    "cap",
                    \.cap,
                    .duration(.seconds(1) ... .seconds(86_400)),
                    absent: "queued.cap",
                    "Longest wait."
                ),
            ]
        }
    }

    /// What only Convor has (`reference/providers.md` 3): calls that its documentation names without their contract.
    package struct Convor: SettingsGroup, Hashable, Sendable {
        package var assign = ConvorAssign()
        package var read = ConvorRead()

        package init() {}

        package static var fields: [SettingsField<Convor>] {
            [
                .group("assign", \.assign, "The call that assigns; commands are `unsupported` until it is set."),
                .group("read", \.read, "The call that reads a conversation; nothing is read back until it is set."),
            ]
        }
    }

    package struct ConvorAssign: SettingsGroup, Hashable, Sendable {
        package enum Method: String, Hashable, Sendable, CaseIterable {
            case post = "POST"
            case put = "PUT"
            case patch = "PATCH"
        }

        /// With `{id}` for the conversation; `nil` while assigning is not configured.
        package var path: String?
        package var method = Method.post
        /// The field of the body that holds the operator's id.
        package var field: String?

        package init() {}

        package static var fields: [SettingsField<ConvorAssign>] {
            [
                .optional("path", \.path, .pathTemplate, "Its path, with `{id}` for the conversation."),
                .value("method", \.method, .choice, "Its method."),
                .optional("field", \.field, .text(upTo: 100), "The field of its body that holds the operator's id."),
            ]
        }
    }

    package struct ConvorRead: SettingsGroup, Hashable, Sendable {
        package var path: String?

        package init() {}

        package static var fields: [SettingsField<ConvorRead>] {
            [.optional("path", \.path, .pathTemplate, "Its path, with `{id}` for the conversation.")]
        }
    }
}

extension SettingsCodec where Value == String {
    /// A path below the base address with `{id}` in it once.
    package static var pathTemplate: SettingsCodec {
        .text("a path that starts with / and holds {id} once") { text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            return parts.first?.isEmpty == true && parts.count { $0 == "{id}" } == 1
                && parts.allSatisfy { part in
                    part == "{id}" || part.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-._~:".utf8.contains($0) }
                }
        }
    }
}
