import RunbookParser

/// Something that is wrong with a runbook, or may be meant otherwise than it is.
package struct Finding: Sendable {
  /// The kinds.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A change that nothing undoes.
    case uncoveredResidue = "uncovered-residue"
    /// An undo runs though its step never took effect, and is not said to be safe for that.
    case unsafeUndo = "unsafe-undo"
    /// A state from which nothing leads on.
    case deadEnd = "dead-end"
    /// A step is undone after something that it needs.
    case undoOrder = "undo-order"
    /// A secret or an output is missing on the way back.
    case missingOnWayBack = "missing-on-the-way-back"
    /// The run may take longer than its recovery time objective.
    case overObjective = "over-objective"
    /// A point of no return is reached without an approval.
    case unapproved = "unapproved-point-of-no-return"
    /// A doubt that only a person can settle, though `applied` could.
    case personalDoubt = "personal-doubt"
    /// A gate opens on checks that are not made again.
    case staleGate = "stale-gate"
  }

  /// What is wrong, and where: what two findings have in common that are one.
  package struct Key: Hashable, Sendable {
    /// What is wrong.
    package var kind: Kind
    /// Where, without the numbers of repetitions.
    package var address: String

    package init(_ kind: Kind, _ address: String) {
      self.kind = kind
      self.address = PlanAddresses.withoutNumbers(address)
    }
  }

  /// What is wrong, and where.
  package var key: Key
  /// What happens, and what would mend it.
  package var message: String
  /// What went wrong for it to show: as little as can.
  package var faults: [ExploredFault]
  /// A scenario in which it shows.
  package var scenario: RehearsalScenario
}
