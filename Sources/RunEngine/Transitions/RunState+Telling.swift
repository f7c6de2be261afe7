import RunbookParser

/// Tells people what happens to the run. Nothing of it can make the run fail, and only the run's end waits for it.
extension RunState {
  /// How often a message is tried.
  private static let noticeAttempts = 3
  /// How long an attempt may take, in milliseconds.
  private static let noticePatience: Int64 = 30_000
  /// The pause before the second attempt, in milliseconds; twice that before the third.
  private static let noticePause: Int64 = 2_000

  /// Tells those who want to know of it that something happened.
  ///
  /// - Parameter outcome: How the run ends, where it does.
  mutating func tell(_ moment: RunMoment, outcome: RunOutcome? = nil) {
    for (place, notice) in plan.notices.enumerated() where notice.when.contains(moment) {
      var vantage = vantage(nil)
      vantage.moment = Vantage.Moment(event: moment, outcome: outcome ?? provisionalOutcome)
      switch resolve(Notice(channel: notice.channel, message: notice.message), at: vantage) {
      case .success(let action): send(place, action, attempt: 1)
      case .failure(.unknown(let source)):
        effects.append(.report("\(notice.channel.name) is not told: the message depends on \(source)"))
      case .failure(.error(let message)): effects.append(.report("\(notice.channel.name) is not told: \(message)"))
      }
    }
  }

  /// A person is waited for; said once for each step.
  mutating func tellOfGate(_ step: StepIndex?) {
    guard !plan.notices.isEmpty, gatesTold.insert(step).inserted else { return }
    tell(.gate)
  }

  private mutating func send(_ place: Int, _ action: ResolvedAction, attempt: Int) {
    let id = nextID(nil, .notice(place))
    notices[id] = OpenNotice(place: place, action: action, attempt: attempt)
    effects.append(.record(.intended(id, action, dryRun: nil)))
  }

  /// The intent of a message was recorded: it may go out.
  mutating func intendNotice(_ id: EffectID, _ action: ResolvedAction) throws(ImpossibleTransition) {
    guard notices[id]?.stage == .announced else { throw ImpossibleTransition("the intent \(id) was not announced") }
    notices[id]?.stage = .sending(late: false)
    effects.append(.start(StartRequest(id: id, action: action, effect: .change)))
    effects.append(.timer(TimerID(owner: id, purpose: .timeout), after: Self.noticePatience))
  }

  /// Takes what came for a message.
  mutating func deliverToNotice(_ delivery: Delivery, to id: EffectID) -> Bool {
    guard let notice = notices[id] else { return false }
    switch (delivery, notice.stage) {
    case (.ended(let end), .sending(let late)):
      notices[id] = nil
      if late {
        goOn(notice, "no answer within \(DurationText.render(Self.noticePatience))", mayRepeat: true)
      } else if case .success(true) = satisfies(nil, end, at: vantage(nil)) {
        break
      } else {
        goOn(notice, describeMismatch(nil, end), mayRepeat: end.ending != .cancelled)
      }
    case (.refused(let message), .sending):
      notices[id] = nil
      goOn(notice, message, mayRepeat: false)
    case (.timer(.timeout), .sending(late: false)):
      notices[id]?.stage = .sending(late: true)
      effects.append(.stop(id))
    case (.timer(.retry), .pausing):
      notices[id] = nil
      send(notice.place, notice.action, attempt: notice.attempt + 1)
    case (.timer, _): break
    default: return false
    }
    completeForward()
    return true
  }

  private mutating func goOn(_ notice: OpenNotice, _ problem: String, mayRepeat: Bool) {
    if pause != nil || mayRepeat && notice.attempt < Self.noticeAttempts {
      let id = nextID(nil, .notice(notice.place))
      var next = notice
      next.stage = .pausing
      notices[id] = next
      // The next engine sends it again.
      if pause != nil { return }
      effects.append(
        .timer(TimerID(owner: id, purpose: .retry), after: Self.noticePause * Int64(notice.attempt)))
    } else {
      effects.append(.report("\(plan.notices[notice.place].channel.name) was not told: \(problem)"))
    }
  }

  /// Whether a timer of a message is still waited for.
  func noticeExpects(_ timer: TimerID) -> Bool {
    switch (notices[timer.owner]?.stage, timer.purpose) {
    case (.sending(late: false), .timeout), (.pausing, .retry): true
    default: false
    }
  }

  /// The engine stops: what is under way is awaited, or ended where the engine was told to end, and the next one sends it
  /// again where it did not arrive.
  mutating func stopTelling() {
    for id in notices.keys.sorted(by: { $0.serial < $1.serial }) {
      guard case .sending(late: false)? = notices[id]?.stage else { continue }
      notices[id]?.stage = .sending(late: true)
      effects.append(.stop(id))
    }
  }

  /// Whether a message is under way.
  var isTelling: Bool {
    notices.values.contains { if case .pausing = $0.stage { false } else { true } }
  }

  /// What an earlier engine did not get through is sent again: twice is better than never.
  mutating func tellAgain() {
    let left = notices.sorted { $0.key.serial < $1.key.serial }.map(\.value)
    notices = [:]
    for notice in left { send(notice.place, notice.action, attempt: notice.attempt) }
  }
}
