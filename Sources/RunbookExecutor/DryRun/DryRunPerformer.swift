import RunEngine
import Synchronization

/// Performs a dry run: what observes is done really, what changes is not.
///
/// The state machine does not know of it. A change that has a `dry-run` action of its own gets that, really.
package final class DryRunPerformer: Performer {
  private let real: any Performer
  private let inbox = Mutex<Inbox?>(nil)
  private let substituted = Mutex<Set<EffectID>>([])

  /// Wraps the performer that does things really.
  package init(_ real: any Performer) {
    self.real = real
  }

  package func attach(_ inbox: Inbox) {
    self.inbox.withLock { $0 = inbox }
    // What a `dry-run` action came to stands for the action itself: its success is assumed.
    real.attach(
      Inbox(forwardingTo: inbox) { [weak self] event in
        guard case .actionEnded(let id, let end) = event, let self,
          self.substituted.withLock({ $0.remove(id) }) != nil
        else { return event }
        guard case .exited(0, let stdout, let stderr) = end.ending else { return event }
        return .actionEnded(
          id,
          ActionEnd(
            .assumed, duration: end.duration, evidence: .assumed, notes: ["its dry run succeeded"],
            trial: .init(stdout: stdout, stderr: stderr)))
      })
  }

  package func readSecrets(_ names: [String]) throws(SecretError) { try real.readSecrets(names) }

  package var pendingStarts: Int { real.pendingStarts }

  package func startPending(stays: Bool) { real.startPending(stays: stays) }

  package func startNothingMore() { real.startNothingMore() }

  package func start(_ request: StartRequest) {
    if request.effect == .observe { return real.start(request) }
    guard let alternative = request.dryRun else { return assume(request.id) }
    substituted.withLock { _ = $0.insert(request.id) }
    real.start(
      StartRequest(id: request.id, action: alternative, effect: .observe, keepsOutput: request.keepsOutput))
  }

  package func probe(_ request: ProbeRequest) {
    if request.subject == .observed { real.probe(request) } else { assume(request.id) }
  }

  /// What is looked at through a tunnel is really looked at.
  package func open(_ id: EffectID, _ tunnel: ResolvedTunnel) { real.open(id, tunnel) }

  package func stop(_ id: EffectID) { real.stop(id) }

  package func ask(_ id: EffectID, _ question: Question) {
    put(.answered(id, .yes(fields: []), by: "dry run", evidence: .assumed))
  }

  package func close(_ id: EffectID) { put(.unanswerable(id)) }

  package func verify(_ id: EffectID, gate: EffectID, _ votes: [Vote]) {
    put(.votesVerified(id, void: [], denials: []))
  }

  package func withdraw(_ id: EffectID) {}

  package func delay(of timer: TimerID, after milliseconds: Int64) -> Int64? {
    guard timer.purpose == .wait else { return milliseconds }
    put(.answered(timer.owner, .yes(fields: []), by: "dry run", evidence: .assumed))
    return nil
  }

  package func shutDown() { real.shutDown() }

  private func assume(_ id: EffectID) {
    put(.actionEnded(id, ActionEnd(.assumed, evidence: .assumed)))
  }

  private func put(_ event: RunEvent) {
    inbox.withLock { $0 }?.put(event)
  }
}
