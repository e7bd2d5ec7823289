package import Messages

extension DeadLetter {
    /// What to do about a letter, in one or two sentences for whoever is on call.
    package func advice(maxReplays: Int) -> String {
        if replays >= maxReplays {
            return "It was replayed \(replays) times, as often as replay.max allows; the next replay parks it. "
                + "Find out why it fails, then send the command anew."
        }
        switch disposition {
        case .rejected:
            return
                "As it is it will be rejected again. Correct the settings if they lack the provider or account and then "
                + "replay; otherwise have the producer send a corrected command and park this one."
        case .notFound:
            return "Check whether it still exists at the provider. If it was created since, replay; otherwise park."
        case .unauthorized:
            return "Correct the account's credentials or their rights, then replay."
        case .exhausted:
            return "Check that the provider has recovered, then replay."
        default:
            switch httpStatus {
            case 402, 403: return "The account may not do this. Correct its rights or its plan, then replay."
            case 409: return "The provider holds a state that conflicts. Look at it there, then replay or park."
            default:
                return
                    "The provider does not take it. Correct it there or at the producer, then replay; otherwise park."
            }
        }
    }
}
