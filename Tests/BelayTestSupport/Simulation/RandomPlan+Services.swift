import RunbookParser

/// What is kept running, and what people are told.
extension RandomPlan {
  /// Makes a step one whose program is kept running.
  mutating func keepRunning(_ step: inout PlannedStep) {
    step.action = .program(.words("serve", step.id))
    step.ready = .asking("ready", every: Int64(random.pick([1, 10])), within: Int64(random.number(10...100)))
    step.verify = []
    step.retry = nil
    step.timeout = nil
    step.expect = nil
  }

  mutating func tunnel(_ number: Int) -> Tunnel {
    Tunnel(name: "t\(number)", route: .ssh(.literal("far"), to: .literal("db:5432")))
  }

  mutating func notice() -> RunNotice {
    RunNotice(
      when: RunMoment.allCases.filter { _ in random.chance(60) },
      channel: Channel(name: "people", transport: .command(.words("tell"))), message: .literal("something happened"))
  }
}
