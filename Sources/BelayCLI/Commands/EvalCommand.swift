import ArgumentParser
import CanonicalJSON
import Diagnostics
import Expressions
import Presentation
import RunEngine
import RunbookParser

struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Tries out an expression: on its own, with bindings, or in a past run.",
    discussion: """
      With --run the expression sees what it would see at the run's last record: `inputs`, `values`, `steps`, `run` and, \
      with --step, `result` of that step's last attempt. With --batch, standard input holds a JSON object a line with \
      `expr` and, if any, `bindings` as {"name": {"int": "1"}}, and each is answered by one line, {"value": …} or \
      {"error": "…"}. Exits 1 if an expression has no value, 2 if it is none.
      """)

  @Argument(help: "The expression.")
  var expression: String?

  @Option(
    help: ArgumentHelp("A YAML or JSON file of names to values.", valueName: "file"),
    completion: .file(extensions: ["yaml", "json"]))
  var bindings: String?

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("A past run: its id, the beginning of it, or `last`.", valueName: "run"),
    completion: .custom(Completions.runs))
  var pastRun: String?

  @Option(
    help: ArgumentHelp("The step of the run whose last attempt is `result`.", valueName: "id"),
    completion: .custom(Completions.steps))
  var step: String?

  @Flag(help: "Evaluate the lines of standard input.")
  var batch = false

  @OptionGroup var report: ReportOptions
  @OptionGroup var store: StoreOptions

  func validate() throws {
    if batch {
      guard expression == nil, bindings == nil, pastRun == nil, step == nil else {
        throw ValidationError("--batch takes its expressions and bindings from standard input.")
      }
      return
    }
    guard expression != nil else { throw ValidationError("Name an expression, or give --batch.") }
    if pastRun != nil, bindings != nil { throw ValidationError("--run and --bindings exclude each other.") }
    if step != nil, pastRun == nil { throw ValidationError("--step needs --run.") }
  }

  func run() throws {
    if batch { return evaluateLines() }
    let source = SourceText(name: "<expression>", text: expression ?? "")
    let parsed: Expression
    switch Expression.parse(expression ?? "") {
    case .success(let expression): parsed = expression
    case .failure(let errors): throw Self.refuse(errors.problems.map { Self.diagnostic($0, .expressionSyntax, source) })
    }
    do {
      show(try value(parsed, source))
    } catch let error as EvaluationError {
      throw CommandFault(message: error.message, status: .failed)
    }
  }

  // MARK: One expression

  private func value(_ expression: Expression, _ source: SourceText) throws -> Value {
    if let pastRun {
      let history = try RunReader(store).history(pastRun)
      let place = try place(in: history)
      return try history.state.evaluate(
        expression, in: place, result: place.map { history.lastResult(of: $0) } ?? .none)
    }
    let bindings = Bindings(try bindings.map(Self.read) ?? [])
    let checked = expression.check(in: bindings)
    let warnings = checked.warnings.map { Self.diagnostic($0, .expressionWarning, source, severity: .warning) }
    guard checked.problems.isEmpty else {
      throw Self.refuse(checked.problems.map { Self.diagnostic($0, .expressionType, source) } + warnings)
    }
    Compilations.show(warnings)
    return try expression.evaluate(in: bindings)
  }

  private func place(in history: RunHistory) throws -> StepIndex? {
    guard let step else { return nil }
    guard let place = history.state.stepsInOrder.first(where: { history.state.path(of: $0) == step })
    else { throw CommandFault(message: "the run has no step \(step)", status: .usage) }
    return place
  }

  private func show(_ value: Value) {
    let text = report.format == .json ? EvaluationReport.json(value).prettyText() : EvaluationReport.text(value)
    let terminal = Terminal.standardOutput
    terminal.write((terminal.isTerminal ? RunWords.harmless(text) : text) + "\n")
  }

  private static func read(_ path: String) throws -> [(name: String, value: Value)] {
    let (values, problems) = RunbookCompiler.bindingsFile(try FileReader.read(path))
    if problems.hasErrors { throw refuse(problems) }
    Compilations.show(problems)
    return values
  }

  private static func refuse(_ diagnostics: [Diagnostic]) -> ExitStatus {
    Compilations.show(diagnostics.sortedForDisplay())
    return .usage
  }

  private static func diagnostic(
    _ problem: ExpressionProblem, _ code: DiagnosticCode, _ source: SourceText, severity: Severity = .error
  ) -> Diagnostic {
    Diagnostic(
      code, problem.message, severity: severity, source: source,
      span: ByteSpan(problem.range.lowerBound, problem.range.upperBound),
      notes: problem.suggestion.map { ["did you mean `\($0)`?"] } ?? problem.notes)
  }

  // MARK: Many

  private func evaluateLines() {
    var reader = LineReader()
    while let line = reader.next() {
      let answer = EvaluationReport.line(Self.evaluate(line)) + [0x0A]
      guard answer.withUnsafeBytes({ Terminal.standardOutput.write($0) }) else { return }
    }
  }

  private static func evaluate(_ line: [UInt8]) -> Result<Value, EvaluationError> {
    do {
      let entry = try JSON.parse(line)
      guard let text = entry["expr"]?.string else { throw EvaluationError("the line has no `expr`") }
      var values: [(name: String, value: Value)] = []
      for member in entry["bindings"]?.members ?? [] {
        guard let value = Value(tagged: member.value) else {
          throw EvaluationError("the binding `\(member.key)` is no value of the form {\"int\": \"1\"}")
        }
        values.append((member.key, value))
      }
      switch Expression.parse(text) {
      case .failure(let errors):
        return .failure(EvaluationError(errors.problems.map(\.message).joined(separator: "; ")))
      case .success(let expression): return .success(try expression.evaluate(in: Bindings(values)))
      }
    } catch let error as EvaluationError {
      return .failure(error)
    } catch let error as JSONParseError {
      return .failure(EvaluationError("the line is not JSON: \(error.message), at byte \(error.offset)"))
    } catch {
      return .failure(EvaluationError("\(error)"))
    }
  }
}
