import Rehearsal
import RunEngine

/// The story of a rehearsal: what a person would have seen, each line with the simulated time.
package final class RehearsalStory {
  private let words: RunWords
  private var progress: RunProgressText
  private var startedAt: Int64 = 0
  private var engines = 0
  /// Whether the last engine did what it could.
  private var wasOver = false
  /// The steps whose last action, or undo, came as such things do.
  private var usual: Set<StepIndex> = []
  /// The lines until now.
  package private(set) var lines: [String] = []

  package init(colour: Bool) {
    words = RunWords(colour: colour)
    progress = RunProgressText(colour: colour, namesCommands: false, isRehearsal: true)
  }

  /// Takes what happened next.
  package func hear(_ happened: RehearsedEvent, _ state: RunState) {
    switch happened.event {
    case .runStarted:
      startedAt = happened.time
      return
    case .engineStarted(let start):
      engines += 1
      if engines == 1 { return }
      let isAsked = wasOver || start.purpose == .rollback
      let what =
        isAsked
        ? start.purpose == .rollback ? "the operator asks for a rollback" : "the operator resumes the run"
        : "the engine died; another one goes on"
      wasOver = false
      return add([words.paint(what, .yellow)], at: happened.time)
    case .paused, .runEnded: wasOver = true
    case .actionEnded(let id, _): note(id, happened.isUsual)
    default: break
    }
    var lines = progress.lines(happened.event, at: happened.time, state: state).filter { !$0.isEmpty }
    if let step = Self.ended(happened.event), usual.contains(step) {
      lines = lines.map { $0.replacing(RunWords.mark(.scripted), with: " scripted (default)") }
    }
    add(lines, at: happened.time)
  }

  private func note(_ id: EffectID, _ isUsual: Bool) {
    guard let step = id.step else { return }
    switch id.slot {
    case .action, .undo, .item: if isUsual { usual.insert(step) } else { usual.remove(step) }
    default: break
    }
  }

  private static func ended(_ event: RunEvent) -> StepIndex? {
    switch event {
    case .stepEnded(let step, _, _, _), .undoEnded(let step, _, _): step
    default: nil
    }
  }

  private func add(_ new: [String], at time: Int64) {
    let stamp = "+" + RunWords.length(time - startedAt)
    let padded = String(repeating: " ", count: max(0, 8 - stamp.count)) + stamp
    lines += new.map { words.paint(padded, .dim) + "  " + ($0.hasPrefix("  ") ? String($0.dropFirst(2)) : $0) }
  }
}
