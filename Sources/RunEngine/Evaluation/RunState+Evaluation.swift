import Expressions
import RunbookParser

/// Why something could not be worked out.
enum ResolveProblem: Error, Hashable, Sendable {
  /// It rests on something that is not known.
  case unknown(String)
  /// It erred.
  case error(String)
}

extension RunState {
  /// Where the expressions of a step stand; those of the run itself where there is none.
  func vantage(_ step: StepIndex?) -> Vantage {
    Vantage(frame: step.map { Int(steps[Int($0.value)].frame) } ?? 0)
  }

  /// The value of an expression.
  func value(_ expression: Expression, at vantage: Vantage, result: ResultView = .none) -> Result<Value, ResolveProblem>
  {
    do throws(EvaluationError) {
      let value = try expression.evaluate(in: RunScope(state: self, result: result, vantage: vantage))
      if case .unknown(let unknown) = value {
        return .failure(.unknown(unknown.sources.joined(separator: ", ")))
      }
      return .success(value)
    } catch {
      return .failure(.error("`\(expression.source)`: \(error.message)"))
    }
  }

  /// The truth of an expression; anything but a truth value is an error.
  func truth(_ expression: Expression, at vantage: Vantage, result: ResultView = .none) -> Result<Bool, ResolveProblem>
  {
    value(expression, at: vantage, result: result).flatMap { value in
      guard case .bool(let truth) = value else {
        return .failure(.error("`\(expression.source)` is \(value.typeName), not bool"))
      }
      return .success(truth)
    }
  }

  /// Whether what happened is what was expected: exit 0 or a status of 200 to 299 unless told otherwise.
  func satisfies(_ expect: Expression?, _ end: ActionEnd, at vantage: Vantage) -> Result<Bool, ResolveProblem> {
    switch end.ending {
    case .signalled, .unanswered, .cancelled, .refuted: return .success(false)
    case .exited, .answered, .assumed:
      if let expect { return truth(expect, at: vantage, result: .end(end)) }
    }
    return switch end.ending {
    case .exited(let status, _, _): .success(status == 0)
    case .answered(let answer): .success((200...299).contains(answer.status))
    case .assumed: .success(true)
    case .signalled, .unanswered, .cancelled, .refuted: .success(false)
    }
  }

  /// Why what happened is not what was expected.
  package func describeMismatch(_ expect: Expression?, _ end: ActionEnd) -> String {
    let seen: String =
      switch end.ending {
      case .exited(let status, let stdout, let stderr):
        "exit status \(status)" + Self.lastLine(of: stderr.text.isEmpty ? stdout : stderr)
      case .signalled(let signal, _, let stderr): "ended by signal \(signal)" + Self.lastLine(of: stderr)
      case .answered(let answer): "status \(answer.status)" + Self.lastLine(of: answer.body)
      case .unanswered(let reason): reason
      case .cancelled: "ended before it was over"
      case .assumed: "assumed"
      case .refuted: "it does not succeed"
      }
    switch end.ending {
    case .exited, .answered: return expect.map { "\(seen); expected \($0.source)" } ?? seen
    case .signalled, .unanswered, .cancelled, .assumed, .refuted: return seen
    }
  }

  private static func lastLine(of output: CapturedOutput) -> String {
    guard let line = output.text.split(separator: "\n").last else { return "" }
    return ": " + (line.count > 200 ? line.prefix(200) + "…" : line)
  }

  /// Outputs that can be worked out, and why others cannot.
  func outputs(
    _ declarations: [OutputDeclaration], _ result: ResultView, given: [NamedValue] = [], at vantage: Vantage
  ) -> (values: [NamedValue], problems: [String]) {
    var values: [NamedValue] = []
    var problems: [String] = []
    for declaration in declarations {
      let given = given.first { $0.name == declaration.name }.map { Result<Value, ResolveProblem>.success($0.value) }
      switch given ?? value(declaration.value, at: vantage, result: result) {
      case .success(let value):
        switch declaration.type.accept(value) {
        case .success(let accepted): values.append(NamedValue(name: declaration.name, value: accepted))
        case .failure(let problem): problems.append("output \(declaration.name): \(problem.message)")
        }
      case .failure(.unknown(let source)):
        values.append(NamedValue(name: declaration.name, value: .unknown(Unknown(sources: [source]))))
      case .failure(.error(let message)):
        problems.append("output \(declaration.name): \(message)")
      }
    }
    return (values, problems)
  }

  // MARK: Actions

  /// A text with its expressions worked out.
  func resolveText(
    _ text: Text, at vantage: Vantage, result: ResultView = .none
  ) -> Result<String, ResolveProblem> {
    switch text {
    case .literal(let literal): return .success(literal)
    case .template(let template): return render(template, result, vantage)
    case .secret(let name): return .failure(.error("the secret \(name) cannot stand here"))
    }
  }

  private func render(_ template: TemplateText, _ result: ResultView, _ vantage: Vantage) -> Result<
    String, ResolveProblem
  > {
    do throws(EvaluationError) {
      let value = try template.evaluate(in: RunScope(state: self, result: result, vantage: vantage))
      if case .unknown(let unknown) = value {
        return .failure(.unknown(unknown.sources.joined(separator: ", ")))
      }
      return .success(value.rendered)
    } catch {
      return .failure(.error("\(error.message)"))
    }
  }

  private func resolve(_ text: Text, _ vantage: Vantage) -> Result<ResolvedText, ResolveProblem> {
    if case .secret(let name) = text { return .success(.secret(name)) }
    return resolveText(text, at: vantage).map { .text($0) }
  }

  private func resolve(
    _ variables: [EnvironmentVariable], _ vantage: Vantage
  ) throws(ResolveProblem) -> [ResolvedVariable] {
    var resolved: [ResolvedVariable] = []
    for variable in variables {
      resolved.append(ResolvedVariable(name: variable.name, value: try resolve(variable.value, vantage).get()))
    }
    return resolved
  }

  private func resolve(_ arguments: [ProgramArgument], _ vantage: Vantage) throws(ResolveProblem) -> [String] {
    var words: [String] = []
    words.reserveCapacity(arguments.count)
    for argument in arguments {
      switch argument {
      case .word(.literal(let text)):
        words.append(text)
      case .word(let text):
        words.append(try resolveText(text, at: vantage).get())
      case .spliced(let expression):
        guard case .list(let values) = try value(expression, at: vantage).get() else {
          throw .error("`\(expression.source)` is not a list")
        }
        words += values.map(\.rendered)
      }
    }
    return words
  }

  /// A program with its expressions worked out.
  func resolve(_ program: Program, at vantage: Vantage) -> Result<ResolvedProgram, ResolveProblem> {
    do throws(ResolveProblem) {
      let words: [String]
      switch program.command {
      case .exec(let arguments): words = try resolve(arguments, vantage)
      case .script(let script, let shell): words = shell + [script]
      }
      var resolved = ResolvedProgram(
        arguments: words, environment: try resolve(program.environment, vantage),
        directory: try resolveOptional(program.directory, vantage),
        input: try program.input.map { resolve($0, vantage) }?.get())
      if let place = program.place { resolved.place = try resolve(place, at: vantage) }
      return .success(resolved)
    } catch {
      return .failure(error)
    }
  }

  private func resolveOptional(_ text: Text?, _ vantage: Vantage) throws(ResolveProblem) -> String? {
    guard let text else { return nil }
    return try resolveText(text, at: vantage).get()
  }

  /// A request with its expressions worked out.
  func resolve(_ call: HTTPCall, at vantage: Vantage) -> Result<ResolvedHTTPCall, ResolveProblem> {
    do throws(ResolveProblem) {
      return .success(
        ResolvedHTTPCall(
          method: call.method, url: try resolveText(call.url, at: vantage).get(),
          headers: try resolve(call.headers, vantage), body: try call.body.map { resolve($0, vantage) }?.get(),
          follow: call.follow, ca: try resolveOptional(call.ca, vantage)))
    } catch {
      return .failure(error)
    }
  }

  /// A query of Prometheus with its expressions worked out: a request to its API.
  func resolve(_ query: PrometheusQuery, at vantage: Vantage) -> Result<ResolvedHTTPCall, ResolveProblem> {
    do throws(ResolveProblem) {
      var server = try resolveText(query.server, at: vantage).get()
      while server.hasSuffix("/") { server.removeLast() }
      let text = try resolveText(query.query, at: vantage).get()
      return .success(
        ResolvedHTTPCall(
          method: "GET", url: server + "/api/v1/query?query=" + DataFunctions.percentEncoded(text),
          headers: try resolve(query.headers, vantage), ca: try resolveOptional(query.ca, vantage)))
    } catch {
      return .failure(error)
    }
  }

  /// An action with its expressions worked out.
  func resolve(_ action: Action, at vantage: Vantage) -> Result<ResolvedAction, ResolveProblem> {
    switch action {
    case .program(let program): resolve(program, at: vantage).map { .program($0) }
    case .http(let call): resolve(call, at: vantage).map { .http($0) }
    case .prometheus(let query): resolve(query, at: vantage).map { .http($0) }
    case .notify(let notice): resolve(notice, at: vantage)
    case .manual(let manual):
      resolveText(manual.text, at: vantage).map {
        .ask(Question(text: $0, kind: .manual(fields: manual.fields), audience: audience(manual.from)))
      }
    case .wait(let milliseconds): .success(.wait(milliseconds))
    case .decide, .checklist, .assert, .check, .forEach, .group, .call: .success(.inner)
    }
  }
}
