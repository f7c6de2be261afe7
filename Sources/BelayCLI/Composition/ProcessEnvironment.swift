import Glibc

/// The variables that this process was started with.
enum ProcessEnvironment {
  /// Names and values, in order; what has no `=` is left out.
  static var variables: [(String, String)] {
    var variables: [(String, String)] = []
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      if let equals = line.firstIndex(of: "="), equals > line.startIndex {
        variables.append((String(line[..<equals]), String(line[line.index(after: equals)...])))
      }
      entry += 1
    }
    return variables
  }
}
