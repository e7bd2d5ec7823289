import Messages
import Testing

struct MemberHeaderTests {
    @Test(arguments: [
        MemberHeader(), MemberHeader(previous: .some(nil)), MemberHeader(previous: .some(.user("7")), isDryRun: true),
        MemberHeader(previous: .some(.email("a@example.com")), maxRate: 2.5, parkings: 3),
    ])
    func `what a campaign adds to its members is read back`(header: MemberHeader) {
        #expect(MemberHeader([MessageHeader("x", "1"), header.header]) == header)
    }

    @Test func `nobody had it and nobody knows who had it are two things`() {
        #expect(MemberHeader([MemberHeader(previous: .some(nil)).header])?.previous == .some(.none))
        #expect(MemberHeader([MemberHeader().header])?.previous == .none)
    }

    @Test(arguments: ["", "[]", "{", #"{"previous":7,"dryRun":"yes","maxRate":"fast","parkings":-1}"#])
    func `what cannot be read says nothing`(text: String) {
        let header = MemberHeader([MessageHeader(MemberHeader.name, text)])
        #expect(header == nil || (header?.isDryRun == false && header?.maxRate == nil && header?.parkings == 0))
        #expect(MemberHeader([MessageHeader]()) == nil)
    }

    @Test func `producers cannot make members up`() {
        let origin = RecordPosition(topic: "c", partition: 0, offset: 1, timestamp: 2)
        let lane = LaneHeaders(origin: origin, key: nil, entity: "hatif/main/x")
        let forged = [MemberHeader(isDryRun: true).header, MessageHeader(MemberHeader.resumption, "c")]
        #expect(MemberHeader(lane.added(to: forged)) == nil)
        #expect(lane.added(to: forged).value(of: MemberHeader.resumption) == nil)
    }
}
