/// A variable of a program's environment.
package struct EnvironmentVariable: Sendable, Hashable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// A whole environment, laid out once as the kernel wants it and shared by every start that uses it.
package struct EnvironmentBlock: Sendable {
  /// `NAME=value` and a NUL for each variable.
  let bytes: [CChar]
  /// Where each variable begins in `bytes`.
  let starts: [Int]
  /// The place of a name in `starts`.
  let places: [String: Int]
  /// The value of `PATH`, if it is set.
  let searchPath: String?
  /// Why no program can be started with it.
  let flaw: SpawnError?

  /// Of two variables with one name the later counts; a name or value that cannot be is reported at the start.
  package init(_ variables: some Sequence<EnvironmentVariable>) {
    var bytes: [CChar] = []
    var starts: [Int] = []
    var places: [String: Int] = [:]
    var values: [EnvironmentVariable] = []
    var flaw: SpawnError?
    for variable in variables {
      if flaw == nil { flaw = Self.flaw(of: variable) }
      if let place = places[variable.name] {
        values[place] = variable
      } else {
        places[variable.name] = values.count
        values.append(variable)
      }
    }
    for variable in values {
      starts.append(bytes.count)
      Self.append(variable, to: &bytes)
    }
    self.bytes = bytes
    self.starts = starts
    self.places = places
    self.searchPath = places["PATH"].map { values[$0].value }
    self.flaw = flaw
  }

  package init(_ variables: [(String, String)]) {
    self.init(variables.map { EnvironmentVariable($0.0, $0.1) })
  }

  static func append(_ variable: EnvironmentVariable, to bytes: inout [CChar]) {
    for byte in variable.name.utf8 { bytes.append(CChar(bitPattern: byte)) }
    bytes.append(CChar(bitPattern: UInt8(ascii: "=")))
    for byte in variable.value.utf8 { bytes.append(CChar(bitPattern: byte)) }
    bytes.append(0)
  }

  /// Why a variable cannot be given to a program.
  static func flaw(of variable: EnvironmentVariable) -> SpawnError? {
    if variable.name.isEmpty || variable.name.utf8.contains(UInt8(ascii: "=")) || variable.name.utf8.contains(0) {
      return .invalidVariableName(variable.name)
    }
    return variable.value.utf8.contains(0) ? .containsNUL(part: "the variable \(variable.name)") : nil
  }
}
