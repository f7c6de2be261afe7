import RunEngine
import RunbookExecutor

/// Programs that run elsewhere, through a client that runs here.
extension WorldPerformer {
  /// How much longer than the program there the client here has until KILL, in milliseconds: the end must travel.
  static let travel: Int64 = 5_000

  func begin(_ id: EffectID, _ program: ResolvedProgram, on place: ResolvedPlace) throws(SecretError) {
    var variables: [EnvironmentVariable] = []
    for variable in program.environment {
      guard let value = try bytes(variable.value) else { continue }
      variables.append(EnvironmentVariable(variable.name, String(decoding: value, as: UTF8.self)))
    }
    variables.append(effectVariable(id))
    let input = try optionalBytes(program.input)
    let far: FarProgram
    do throws(FarProblem) {
      far = try FarProgram(program, on: place, variables: variables, input: input)
    } catch {
      return refuse(id, error.message)
    }
    let observer = FarObserver(
      far, supervisor: supervisor, output: capture(id), errors: capture(id), started: { [self] in noteStart(id, $0) },
      ended: { [self] end in
        switch end {
        case .ended(let end, let outputs, let lost): finish(id, end, outputs, lost: lost)
        case .refused(let message): refuse(id, message)
        case .withoutShell:
          restart(id)
          onThread(for: id) { $0.beginWithoutShell(id, program, far) }
        }
      })
    let request = ProcessRequest(
      argv: far.client(grace: Self.grace), environment: inherited, additions: [effectVariable(id)], input: [],
      holdsInput: true)
    launch(
      id, request, observer, again: { [self] in begin(id, .program(program)) },
      { process in
        observer.attach(process)
        return .far(process, observer)
      })
  }

  private func beginWithoutShell(_ id: EffectID, _ program: ResolvedProgram, _ far: FarProgram) {
    let holdsSecrets = !ResolvedAction.program(program).secretNames.isEmpty
    do throws(FarProblem) {
      let client = try far.clientWithoutShell(holdsSecrets: holdsSecrets)
      let observer = ShelllessObserver(
        on: far.place, output: capture(id), errors: capture(id), started: { [self] in noteStart(id, $0) },
        ended: { [self] in finish(id, $0, $1, lost: $2) })
      let request = ProcessRequest(
        argv: client.words, environment: inherited, additions: [effectVariable(id)], input: client.input)
      launch(
        id, request, observer, again: { [self] in beginWithoutShell(id, program, far) }, { .program($0) })
    } catch {
      refuse(id, error.message)
    }
  }
}
