import Expressions
import RunbookParser

/// Cannot happen in a test that is right.
package func expression(_ source: String) -> Expression {
  switch Expression.parse(source) {
  case .success(let expression): expression
  case .failure(let errors): preconditionFailure("\(source): \(errors)")
  }
}

extension Program {
  /// A program from its words.
  package static func words(_ words: String...) -> Program { Program(.exec(words.map { .word(.literal($0)) })) }
}

extension Check {
  /// Asks the world; a simulated world answers truthfully unless its script says otherwise.
  package static func asking(
    _ words: String = "ask", every: Int64 = 1000, within: Int64? = nil, holds: Int64? = nil, tolerate: Int = 0,
    timeout: Int64? = nil
  ) -> Check {
    var check = Check(.program(.words(words)))
    check.every = every
    check.within = within
    check.holds = holds
    check.tolerate = tolerate
    check.timeout = timeout
    return check
  }
}

/// A step with the names of those it needs.
package struct StepSketch {
  /// The step, with no needs yet.
  package var step: PlannedStep
  /// Whom it needs; the step before it if nil.
  package var needs: [String]?

  /// A step with any action.
  package init(
    _ id: String, _ effect: Effect, _ action: Action, needs: [String]? = nil,
    _ change: (inout PlannedStep) -> Void = { _ in }
  ) {
    step = PlannedStep(id: id, effect: effect, action: action)
    self.needs = needs
    change(&step)
  }

  /// Changes the world, and can be undone.
  package static func change(
    _ id: String, needs: [String]? = nil, _ change: (inout PlannedStep) -> Void = { _ in }
  ) -> StepSketch {
    StepSketch(id, .change, .program(.words("do", id)), needs: needs) { step in
      step.rollback = .actions([UndoAction(.program(.words("undo", id)))])
      change(&step)
    }
  }

  /// Changes nothing.
  package static func observe(
    _ id: String, needs: [String]? = nil, _ change: (inout PlannedStep) -> Void = { _ in }
  ) -> StepSketch {
    StepSketch(id, .observe, .program(.words("look", id)), needs: needs, change)
  }

  /// Changes what nothing undoes.
  package static func irreversible(
    _ id: String, needs: [String]? = nil, _ change: (inout PlannedStep) -> Void = { _ in }
  ) -> StepSketch {
    StepSketch(id, .irreversible, .program(.words("do", id)), needs: needs, change)
  }

  /// Lets a person do something.
  package static func manual(
    _ id: String, _ effect: Effect = .observe, needs: [String]? = nil, within: Int64? = nil, from roles: [String] = [],
    _ change: (inout PlannedStep) -> Void = { _ in }
  ) -> StepSketch {
    var manual = Manual(text: .literal("do \(id)"))
    manual.from = roles
    manual.within = within
    return StepSketch(id, effect, .manual(manual), needs: needs) { step in
      if effect == .change { step.rollback = .actions([UndoAction(.program(.words("undo", id)))]) }
      change(&step)
    }
  }

  /// Waits.
  package static func wait(_ id: String, _ milliseconds: Int64, needs: [String]? = nil) -> StepSketch {
    StepSketch(id, .observe, .wait(milliseconds), needs: needs)
  }
}

extension RunPlan {
  /// A sealed plan from sketches; it went through its encoded form, as a plan in a journal did.
  package static func of(
    _ steps: [StepSketch], finally: [StepSketch] = [], _ change: (inout RunPlan) -> Void = { _ in }
  ) -> RunPlan {
    var plan = RunPlan(name: "simulated", title: "Simulated", version: "1.0.0")
    plan.steps = resolve(steps)
    plan.finally = resolve(finally)
    change(&plan)
    return plan.sealedForTests()
  }

  /// The plan with its digest, read back from its encoded form.
  package func sealedForTests() -> RunPlan {
    do {
      return try RunPlan(decoding: encoded())
    } catch {
      preconditionFailure("the plan cannot be read back: \(error)")
    }
  }

  /// The steps of sketches, with the places of those they need.
  static func resolve(_ sketches: [StepSketch]) -> [PlannedStep] {
    var places: [String: Int] = [:]
    return sketches.enumerated().map { place, sketch in
      var step = sketch.step
      step.needs = sketch.needs.map { $0.compactMap { places[$0] } } ?? (place == 0 ? [] : [place - 1])
      places[step.id] = place
      return step
    }
  }
}

extension UndoAction {
  /// A way back with details.
  package static func program(_ word: String, _ change: (inout UndoAction) -> Void = { _ in }) -> UndoAction {
    var undo = UndoAction(.program(.words("undo", word)))
    change(&undo)
    return undo
  }
}
