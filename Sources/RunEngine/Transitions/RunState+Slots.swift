import RunbookParser

/// How many actions go on at once: in the run, and in a called runbook.
extension RunState {
  /// A step has everything but a slot.
  mutating func enqueue(_ step: StepIndex) {
    if isEndedByChoice(step) || isOverdue(step), steps[Int(step.value)].attempt == 0 { return leaveUnbegun(step) }
    if isOverdue(step) { return failStopped(step) }
    setPhase(step, .ready)
    if takesSlot(step) { ready.append(step) } else { readyAtOnce.append(step) }
    fillSlots()
  }

  /// A choice ended the run or its time is over, and this step had not begun to act.
  mutating func leaveUnbegun(_ step: StepIndex) {
    setPhase(step, .waiting)
    completeForward()
  }

  /// Starts what needs no slot, and what waits for one as far as there are slots.
  mutating func fillSlots() {
    startAtOnce()
    repeat { startReady() } while takeBackHeld()
  }

  private mutating func startReady() {
    while readyHead < ready.count, mayBegin {
      let step = ready[readyHead]
      guard case .ready = steps[Int(step.value)].phase else {
        readyHead += 1
        continue
      }
      if let bound = plan.maxParallel, slotsUsed >= bound { return }
      readyHead += 1
      if let call = fullCall(around: step) {
        callSlots[call]?.held.append(step)
      } else {
        start(step)
      }
    }
    if readyHead == ready.count, readyHead > 0 {
      ready.removeAll(keepingCapacity: true)
      readyHead = 0
    }
  }

  private mutating func startAtOnce() {
    guard !readyAtOnce.isEmpty, mayBegin else { return }
    let waiting = readyAtOnce
    readyAtOnce = []
    for step in waiting {
      if !mayBegin {
        readyAtOnce.append(step)
      } else if case .ready = steps[Int(step.value)].phase {
        start(step)
      }
    }
  }

  /// Forgets what waits to start: an engine that takes the run up says anew what does.
  mutating func forgetReady() {
    ready = []
    readyHead = 0
    readyAtOnce = []
    slotsUsed = 0
    for call in callSlots.keys {
      callSlots[call]?.used = 0
      callSlots[call]?.held = []
    }
  }

  /// Whether a step's action counts against `max-parallel`: programs and requests do, people and waits do not.
  func takesSlot(_ step: StepIndex) -> Bool {
    switch self[step].action {
    case .program, .http, .prometheus: !isBackground(step)
    case .manual, .decide, .checklist, .wait, .assert, .check, .notify, .forEach, .group, .call: false
    }
  }

  mutating func takeSlot(_ step: StepIndex) {
    guard takesSlot(step) else { return }
    slotsUsed += 1
    for call in boundedCalls(around: step) { callSlots[call]?.used += 1 }
  }

  mutating func releaseSlot(_ step: StepIndex) {
    guard takesSlot(step) else { return }
    slotsUsed -= 1
    for call in boundedCalls(around: step) { callSlots[call]?.used -= 1 }
  }

  // MARK: Called runbooks

  /// The calls around a step that say how many actions go on at once.
  private func boundedCalls(around step: StepIndex) -> [StepIndex] {
    if callSlots.isEmpty { return [] }
    var found: [StepIndex] = []
    var next = owner(of: step)
    while let step = next {
      if callSlots[step] != nil { found.append(step) }
      next = owner(of: step)
    }
    return found
  }

  /// A call around a step in which as many actions go on as may.
  private func fullCall(around step: StepIndex) -> StepIndex? {
    boundedCalls(around: step).first { callSlots[$0].map { $0.used >= $0.bound } ?? false }
  }

  /// Lets as many of those that a call held back try again as there is room for; whether there are any.
  private mutating func takeBackHeld() -> Bool {
    guard !callSlots.isEmpty, mayBegin else { return false }
    var found: [StepIndex] = []
    for call in callSlots.keys.sorted() {
      guard let slots = callSlots[call], !slots.held.isEmpty, slots.used < slots.bound else { continue }
      let count = min(slots.held.count, slots.bound - slots.used)
      found += slots.held.prefix(count)
      callSlots[call]?.held.removeFirst(count)
    }
    if found.isEmpty { return false }
    ready.replaceSubrange(..<readyHead, with: found)
    readyHead = 0
    return true
  }
}

/// The slots of a called runbook that says how many of its actions go on at once.
package struct CallSlots: Hashable, Sendable {
  /// How many there are.
  let bound: Int
  /// How many of them are taken.
  var used = 0
  /// The steps that wait for one, in order.
  var held: [StepIndex] = []
}
