import CProcessShims

/// A request that has been looked at and laid out, ready to be started.
struct Launch {
  private let path: String
  private let request: ProcessRequest

  /// Throws what can be told without starting anything.
  init(_ request: ProcessRequest) throws(SpawnError) {
    guard let program = request.argv.first, !program.isEmpty else { throw .emptyCommand }
    for (index, argument) in request.argv.enumerated() where argument.utf8.contains(0) {
      throw .containsNUL(part: index == 0 ? "the program's name" : "argument \(index)")
    }
    if let directory = request.directory, directory.utf8.contains(0) {
      throw .containsNUL(part: "the working directory")
    }
    if let flaw = request.environment.flaw { throw flaw }
    var searchPath = request.environment.searchPath
    for addition in request.additions {
      if let flaw = EnvironmentBlock.flaw(of: addition) { throw flaw }
      if addition.name == "PATH" { searchPath = addition.value }
    }
    self.request = request
    self.path = try ProgramSearch(directory: request.directory).path(of: program, searching: searchPath)
  }

  /// Starts it and enters it in the ledger under `id`.
  func spawn(id: UInt64, nullInput: Int32) throws(SpawnError) -> belay_spawn_result {
    var texts: [CChar] = []
    var argumentStarts: [Int] = []
    var additionStarts: [(start: Int, replacing: Int?)] = []
    for argument in request.argv {
      argumentStarts.append(texts.count)
      for byte in argument.utf8 { texts.append(CChar(bitPattern: byte)) }
      texts.append(0)
    }
    for addition in request.additions {
      additionStarts.append((texts.count, request.environment.places[addition.name]))
      EnvironmentBlock.append(addition, to: &texts)
    }

    var result = belay_spawn_result()
    let argumentCount = argumentStarts.count
    let variableCount = request.environment.starts.count + additionStarts.count
    let error = texts.withUnsafeMutableBufferPointer { texts in
      request.environment.bytes.withUnsafeBufferPointer { shared in
        withUnsafeTemporaryAllocation(
          of: UnsafeMutablePointer<CChar>?.self, capacity: argumentCount + 1 + variableCount + 1
        ) { pointers -> Int32 in
          for (index, start) in argumentStarts.enumerated() {
            pointers.initializeElement(at: index, to: texts.baseAddress.map { $0 + start })
          }
          pointers.initializeElement(at: argumentCount, to: nil)
          let first = argumentCount + 1
          var next = first
          for start in request.environment.starts {
            // The kernel only reads what `execve` is given.
            pointers.initializeElement(
              at: next, to: shared.baseAddress.map { UnsafeMutablePointer(mutating: $0 + start) })
            next += 1
          }
          for addition in additionStarts {
            let text = texts.baseAddress.map { $0 + addition.start }
            if let place = addition.replacing {
              pointers[first + place] = text
            } else {
              pointers.initializeElement(at: next, to: text)
              next += 1
            }
          }
          pointers.initializeElement(at: next, to: nil)
          guard let start = pointers.baseAddress else { return 0 }
          return Self.spawn(
            path: path, arguments: start, variables: start + first, directory: request.directory,
            pipesInput: request.input != nil, nullInput: nullInput, id: id, into: &result)
        }
      }
    }
    guard error != 0 else { return result }
    switch result.stage {
    case BELAY_SPAWN_PIPES: throw .exhausted(reason: "no pipe could be made: \(errorText(error))")
    case BELAY_SPAWN_WATCH: throw .unwatchable(reason: errorText(error))
    default:
      throw ProgramSearch(directory: request.directory).explanation(
        of: error, starting: path, arguments: request.argv, bytes: texts.count + request.environment.bytes.count)
    }
  }

  private static func spawn(
    path: String, arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>,
    variables: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, directory: String?, pipesInput: Bool,
    nullInput: Int32, id: UInt64, into result: inout belay_spawn_result
  ) -> Int32 {
    path.withCString { path in
      withOptionalCString(directory) { directory in
        var request = belay_spawn_request(
          path: path, arguments: arguments, variables: variables, directory: directory, null_input: nullInput,
          pipes_input: pipesInput)
        return ChildLedger.spawning.withLock { _ in
          let error = belay_spawn(&request, &result)
          if error == 0 {
            let pid = result.pid
            ChildLedger.leaders.withLock { $0[pid] = id }
          }
          belay_is_known()
          return error
        }
      }
    }
  }

  private static func withOptionalCString<Result>(
    _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
  ) -> Result {
    guard let text else { return body(nil) }
    return text.withCString(body)
  }
}
