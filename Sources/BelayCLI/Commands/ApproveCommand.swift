import ArgumentParser
import CanonicalJSON
import Journal
import Presentation
import RunEngine
import RunbookExecutor
import TerminalText

struct ApproveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Says yes or no to a step that waits for approvals, signed with your SSH key.",
    discussion: """
      Shows what the step will do, and asks at a terminal before it signs. What is signed binds the run, the step, the \
      plan with its policy and keys, the inputs and what will be done: any change to them voids it.

      Where the run's store is on another machine: `--request FILE` there writes what is asked, `--sign FILE` here signs \
      it, and `--import FILE` there takes the answer. - is standard input or output, so that a block can be pasted.
      """)

  @Argument(
    help: ArgumentHelp("The run's id, the beginning of it, or `last`.", valueName: "run"),
    completion: .custom(Completions.runs))
  var id: String?

  @Argument(
    help: ArgumentHelp("The step; needed where several of the run wait.", valueName: "step"),
    completion: .custom(Completions.steps))
  var step: String?

  @Flag(name: .long, help: "Say no: it ends the wait, and the step fails.")
  var deny = false

  @Option(help: "Why; it is signed and recorded.")
  var reason: String?

  @Option(
    help: ArgumentHelp("Write what is asked to a new file, for an approver on another machine.", valueName: "file"),
    completion: .file())
  var request: String?

  @Option(
    help: ArgumentHelp("Sign what a file asks, and write the answer to standard output.", valueName: "file"),
    completion: .file())
  var sign: String?

  @Option(
    name: .customLong("import"),
    help: ArgumentHelp("Take an answer that was signed elsewhere.", valueName: "file"), completion: .file())
  var answer: String?

  @Flag(name: .long, help: "Sign without being asked; needed where there is no terminal.")
  var yes = false

  @OptionGroup var signing: SigningOptions
  @OptionGroup var store: StoreOptions

  func validate() throws {
    if [request, sign, answer].compactMap({ $0 }).count > 1 {
      throw ValidationError("--request, --sign and --import exclude each other")
    }
    if (sign != nil || answer != nil) && id != nil {
      throw ValidationError("the file says which run and step are meant")
    }
    if answer != nil, deny || reason != nil || signing.isNamed {
      throw ValidationError(
        "the answer says what was decided, why, and with which key: --deny, --reason and --key do not go with --import")
    }
    if id == nil, sign == nil, answer == nil { throw ValidationError("name the run") }
    if request == nil, answer == nil, (reason ?? "").isEmpty {
      throw ValidationError("--reason says why; it is signed and recorded")
    }
  }

  func run() throws {
    if let sign { return try signElsewhere(sign) }
    let store = try EngineHost.openStore(store)
    if let answer { return try take(answer, store) }
    let visit = try GateReader(store: store).visit(id ?? "last", step)
    if signing.key != nil, visit.run.state.plan.policy?.keys == nil {
      throw CommandFault(
        message: "the project names no keys, so that yours would prove nothing: leave --key out", status: .usage)
    }
    let lines = try faulting { try visit.lines(colour: Terminal.standardOutput.wantsColour, store) }
    if let request {
      let file = try faulting {
        ApprovalRequestFile(
          visit.description, log: try visit.logHead(), visit.dryRun, visit.run.state.plan, visit.gate.question,
          visit.gate.request, visit.run.state.step(visit.step))
      }
      return try WholeFile.write(request == "-" ? nil : request) { sink in try sink(Array(file.block.text.utf8)) }
    }
    Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n")
    try visit.gate.request.checkTime()
    try ask()
    let statement = try faulting {
      ApprovalStatement(
        visit.description, approves: !deny, reason: reason ?? "", time: SystemClock().wall(), nonce: Self.nonce(),
        dryRun: visit.dryRun?.mark, log: try visit.logHead())
    }
    var signature: String?
    if visit.run.state.plan.policy?.keys != nil {
      signature = try signing.sign(statement.text, namespace: ApprovalStatement.namespace)
    }
    try cast(Ballot(login: EngineHost.operatorName, statement: statement.text, signature: signature), visit, store)
  }

  // MARK: Elsewhere

  private func signElsewhere(_ path: String) throws {
    let text = String(decoding: try FileReader.read(path).bytes, as: UTF8.self)
    guard let block = ApprovalBlock(.request, in: text), let file = ApprovalRequestFile(block.content)
    else {
      throw CommandFault(message: "\(path) holds no request for an approval, or one that was changed", status: .usage)
    }
    let seen = file.dryRun.flatMap { mark in file.findings.map { GateText.DryRun($0, of: mark.run) } }
    let lines = GateText(colour: Terminal.standardError.wantsColour).lines(
      file.request, run: file.gate.run, file.plan, file.gate.step, file.step, nil, dryRun: seen,
      isOver: file.request.isOver)
    Terminal.standardError.write(lines.joined(separator: "\n") + "\n")
    try file.request.checkTime()
    guard file.plan.policy?.keys != nil else {
      throw CommandFault(
        message:
          "the project names no keys, so that a signature would prove nothing: who approves does so where the run is",
        status: .usage)
    }
    try ask()
    let statement = ApprovalStatement(
      file.gate, approves: !deny, reason: reason ?? "", time: SystemClock().wall(), nonce: Self.nonce(),
      dryRun: file.dryRun, log: file.log)
    let signature = try signing.sign(statement.text, namespace: ApprovalStatement.namespace)
    if let keys = file.plan.policy?.keys,
      case .nobody(let reason) = SignerSearch(file.plan.policy, keys, Approvals.checker).signer(
        of: statement.text, signature: signature, namespace: ApprovalStatement.namespace, at: statement.time)
    {
      throw CommandFault(message: "this would not count: \(reason)", status: .usage)
    }
    let answer = ApprovalBlock(
      .approval,
      .object([.init("statement", .string(statement.text)), .init("signature", .string(signature))]))
    Terminal.standardOutput.write(answer.text)
  }

  private func take(_ path: String, _ store: JournalStore) throws {
    let text = String(decoding: try FileReader.read(path).bytes, as: UTF8.self)
    guard let block = ApprovalBlock(.approval, in: text), let said = block.content["statement"]?.string,
      let signature = block.content["signature"]?.string,
      let statement = ApprovalStatement(said)
    else { throw CommandFault(message: "\(path) holds no approval, or one that was changed", status: .usage) }
    let visit = try GateReader(store: store).visit(statement.gate.run, statement.gate.step)
    try cast(Ballot(login: EngineHost.operatorName, statement: said, signature: signature), visit, store)
  }

  // MARK: Casting

  /// Writes a ballot into the store, unless it would not count.
  private func cast(_ ballot: Ballot, _ visit: GateVisit, _ store: JournalStore) throws {
    let found = Approvals.count(visit.run.state.run, store).read(
      ballot, for: visit.description, at: SystemClock().wall())
    // Meanwhile others may have said something, or the time may be over.
    let visit = try GateReader(store: store).visit(visit.run.state.run.id, visit.description.step)
    let state = visit.run.state
    let now = SystemClock().wall()
    switch found {
    case .void(let reason): throw CommandFault(message: "this would not count: \(reason)", status: .usage)
    case .unable(let reason):
      throw CommandFault(message: "nobody can tell whether this would count: \(reason)", status: .fault)
    case .vote(let person, let identity, let statement):
      if let difference = visit.description.difference(from: statement.gate) {
        throw CommandFault(message: "this would not count any more: \(difference)", status: .usage)
      }
      let vote = Vote(
        record: .max, person: person, identity: identity, approves: statement.approves, reason: statement.reason,
        time: now)
      let unheard = try faulting { try visit.unheard(Approvals.count(state.run, store)) }
      if let denial = unheard.first(where: { !$0.approves }) {
        throw CommandFault(message: "\(denial.person) has denied it already", status: .usage)
      }
      if let reason = state.refusal(of: vote, at: unheard.reduce(visit.gate) { $0.adding($1) }) {
        throw CommandFault(message: "what \(person) says would not count: \(reason)", status: .usage)
      }
      let record = try faulting { try visit.cast(ballot, at: now) }
      Terminal.standardOutput.write(
        TerminalText.harmless(
          "\n\(statement.approves ? "approved" : "denied") by \(person), \(RunWords.identity(identity)); "
            + "record \(record)\n"))
      if !store.isEngineAlive(run: state.run.id) {
        Terminal.standardOutput.write("no engine is there to hear it: belay resume \(state.run.id)\n")
      }
    }
  }

  private func ask() throws {
    if yes { return }
    guard Terminal.isAttended else {
      throw CommandFault(
        message: "nothing was signed: there is no terminal to ask at; --yes signs what is asked unseen", status: .usage)
    }
    while true {
      Terminal.standardError.write("\n\(deny ? "Deny" : "Approve") this? yes or no: ")
      switch readLine()?.lowercased() {
      case "y", "yes": return
      case "n", "no", nil: throw CommandFault(message: "nothing was signed", status: .denied)
      default: break
      }
    }
  }

  private func faulting<Result>(_ work: () throws -> Result) throws -> Result {
    do {
      return try work()
    } catch {
      throw CommandFault(message: "\(error)", status: .fault)
    }
  }

  private static func nonce() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<16).map { _ in
      let byte = UInt8.random(in: 0...255, using: &generator)
      return String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()
  }
}
