import Glibc
import Journal
import Performers
import RunEngine
import RunbookExecutor
import RunbookParser

/// Approvals, and proofs of who starts a run, as they are made and counted on this machine.
enum Approvals {
  /// What verifies people's signatures.
  static var checker: SSHSignatureChecker {
    SSHSignatureChecker(SSHKeygen(variables: ProcessEnvironment.variables))
  }

  /// What verifies the approvals of a run.
  static func count(_ run: RunStart, _ store: JournalStore) -> BallotCount {
    BallotCount(
      policy: run.plan.policy, store: store, checker: checker, project: run.project,
      currentPolicy: { FileProject.currentPolicy(of: $0) })
  }

  /// Proves who starts a run, where a gate of its plan excludes them or a key is named; nil where nobody asks.
  static func prove(_ run: String, _ plan: RunPlan, _ signing: SigningOptions) throws -> ProvenStarter? {
    guard plan.excludesStarter || signing.key != nil else { return nil }
    guard let keys = plan.policy?.keys else {
      throw CommandFault(
        message: "the project names no keys, so that one proves nobody: leave --key out", status: .usage)
    }
    let now = SystemClock().wall()
    let statement = StartStatement(run: run, plan: plan.digest, time: now).text
    let signature = try signing.sign(statement, namespace: StartStatement.namespace)
    switch SignerSearch(plan.policy, keys, checker).signer(
      of: statement, signature: signature, namespace: StartStatement.namespace, at: now)
    {
    case .person(let name, let fingerprint):
      return ProvenStarter(person: name, fingerprint: fingerprint, statement: statement, signature: signature)
    case .nobody(let reason), .unable(let reason):
      throw CommandFault(message: "the run was not started: the key proves nobody: \(reason)", status: .denied)
    }
  }
}
