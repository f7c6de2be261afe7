import Testing

/// What a scenario expects, and what is said where it is not so.
@Suite struct ExpectationTests {
  private static let main = Rehearsing(
    """
    steps:
      - {id: one, exec: [a], rollback: {exec: [b]}}
      - {id: two, exec: [c], rollback: none, because: it is a log}
      - {id: three, effect: observe, exec: [d]}
    """)

  @Test(
    "each expectation can fail, and says what is so",
    arguments: [
      ("{outcome: failed}", "the outcome is rolled-back, not failed"),
      ("{order: [one, undo one]}", "the order is one, two, undo one, not one, undo one"),
      ("{order: [one, two, three]}", "the order is one, two, three, undo one, not one, two, three"),
      ("{never: [steps.two]}", "steps.two was begun"),
      ("{statuses: {steps.two: skipped}}", "steps.two is succeeded, not skipped"),
      ("{within: 1s}", "it takes 34s, and not at most 1s"),
      ("{residue: []}", "steps.two is left, and was not to be"),
      ("{residue: [steps.two, steps.one]}", "steps.one is not left"),
    ])
  func fails(expectation: String, message: String) {
    let result = Self.main.play("answers: {steps.three: {exit: 1}}\nexpect: \(expectation)")
    #expect(result.problems.isEmpty)
    #expect(result.failures == [message])
  }

  @Test("groups, calls and ticked items begin, too")
  func began() {
    let main = Rehearsing(
      """
      steps:
        - {id: inside, steps: [{id: deep, effect: observe, exec: [look]}]}
        - {id: shift, for-each: "['a']", exec: [change], rollback: {exec: [undo]}}
        - {id: list, checklist: [Lights]}
      """)
    for address in ["steps.inside", "steps.shift", "steps.list", "steps.list.items.0", "steps.inside/deep"] {
      #expect(main.play("expect: {never: [\(address)]}").failures == ["\(address) was begun"], "\(address)")
    }
    #expect(main.mistakes("expect: {order: [shift]}").count == 1)
    #expect(main.mistakes("expect: {order: [inside]}").count == 1)
    #expect(main.play("expect: {order: ['shift[0]']}").complaints.isEmpty)
  }

  @Test("what is so passes")
  func passes() {
    let result = Self.main.play(
      """
      answers: {steps.three: {exit: 1}}
      expect:
        outcome: rolled-back
        order: [one, two, three, undo one]
        never: [steps.one.rollback.verify.0]
        statuses: {steps.one: rolled-back, steps.two: succeeded, steps.three: failed}
        within: 34s
        residue: [steps.two]
      """.replacing("  never: [steps.one.rollback.verify.0]\n", with: ""))
    #expect(result.hasPassed, "\(result.complaints)")
  }
}
