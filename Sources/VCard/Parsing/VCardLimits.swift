/// How much one import may hold (`reference/vcard.md` 8).
///
/// Over a property limit the property goes, over a card limit the card, over an import limit the rest of the file.
package struct VCardLimits: Hashable, Sendable {
    /// Bytes of one text value as it stands in the file, line breaks not counted.
    package var textValue = 256 << 10
    /// Bytes of one binary value, encoded.
    package var binaryValue = 16 << 20
    /// Bytes from BEGIN to END; at most 1 GiB has an effect.
    package var card = 32 << 20
    package var propertiesPerCard = 2_000
    /// Different ones; a card with more is rejected, as for its properties.
    package var groupsPerCard = 2_000
    package var parametersPerProperty = 64
    /// Bytes before a property's colon.
    package var parameterBytes = 8 << 10
    package var componentsPerValue = 64
    package var itemsPerList = 1_000
    /// How deep agents within agents are reported; deeper ones are passed over in silence.
    package var agentNesting = 4
    /// Kept with their line; all others are only counted.
    package var warningsPerCard = 20
    package var cards = 100_000
    package var bytes = 2 << 30
    /// Custom properties kept of one contact.
    package var customFields = 100
    /// Bytes of one custom value.
    package var customValue = 4 << 10
    /// Cards that the search for duplicates remembers; beyond them it is reported as incomplete.
    package var rememberedCards = 100_000

    package init() {}

    /// Ranges within a card are counted in 32 bits, decoded copies included.
    var storedCard: Int { min(card, 1 << 30) }
}
