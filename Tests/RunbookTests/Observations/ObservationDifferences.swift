import BelayTestSupport
import Glibc
import KubernetesStandIn

/// Holds what a dry run did against what its plan says is only looked at.
enum ObservationDifferences {
  /// What is not the same: nothing where exactly what the plan names was started and reached.
  ///
  /// - What the run started itself is an observation of the plan, word for word but for the gaps of its expressions, in the
  ///   pod that is named; and each observation was started.
  /// - What a program started in its turn is named by the plan in the same place, such as the commands of a script.
  /// - All of it is known to look and not to touch, apart from what the plan says.
  /// - What the run connected to itself is what the plan's requests are sent to, and each of those was. What programs connect to
  ///   is their own business, and they are all observations or below one.
  /// - The run says of itself that it looked at these places in the plan, and at no other.
  ///
  /// - Parameter spared: Observations that are not made for what is found before them. Where one of them was made after all,
  ///   or does not depend on anything, that is a difference, too.
  static func of(_ run: TracedDryRun, from plan: PlannedObservations, spared: Set<String> = []) -> [String] {
    var differences = run.unread.map { "cannot be told: \($0)" }
    let known = Set(plan.all.map(\.address))
    differences += spared.subtracting(known).sorted().map { "\($0): the plan has no such observation" }
    for observation in plan.all where spared.contains(observation.address) && !observation.isConditional {
      differences.append("\(observation.address): nothing spares it")
    }
    let expected = plan.all.filter { !spared.contains($0.address) }
    for case (let address, .unclear(let reason)) in expected.map({ ($0.address, $0.what) }) {
      differences.append("\(address): \(reason)")
    }
    return differences + programs(run, expected) + connections(run, expected) + words(run, expected)
  }

  // MARK: Words

  /// Whether the run says of itself that it looked at what is due, and at nothing else: two checks may ask the same, and a trace
  /// does not tell which one did.
  private static func words(_ run: TracedDryRun, _ expected: [PlannedObservation]) -> [String] {
    let due = Set(expected.map(\.whole))
    return due.subtracting(run.observed).sorted().map { "\($0): not looked at, by the run's own word" }
      + run.observed.subtracting(due).sorted().map { "\($0): looked at, by the run's own word, and not due" }
  }

  // MARK: Programs

  private static func programs(_ run: TracedDryRun, _ expected: [PlannedObservation]) -> [String] {
    var differences: [String] = []
    let commands = expected.compactMap { observation -> (address: String, command: CommandPattern)? in
      guard case .program(let command) = observation.what else { return nil }
      return (observation.address, command)
    }
    var made: Set<String> = []
    for start in run.starts {
      let place = start.place.map { " on " + $0.joined(separator: " ") } ?? ""
      let shown = start.words.joined(separator: " ") + place
      let named = commands.filter { $0.command.matches(start.words, on: start.place) }
      if named.isEmpty { differences.append("started, and no observation that is due: \(shown)") }
      if !isFile(start) { differences.append("started from \(start.path): \(shown)") }
      if !ObservingCommand.knows(start.words) { differences.append("not known to look only: \(shown)") }
      for command in start.below {
        let below = command.words.joined(separator: " ")
        if !named.contains(where: { $0.command.names(command.name) }) {
          differences.append("started by a program, and not named by the plan: \(below), by \(shown)")
        }
        if !ObservingCommand.knows(command.words) {
          differences.append("started by a program, and not known to look only: \(below), by \(shown)")
        }
      }
      made.formUnion(named.map(\.address))
    }
    for (address, command) in commands {
      // Of the programs that ask here, those of PostgreSQL alone are told on standard input what to do.
      guard let input = command.input?.description, !input.isEmpty else { continue }
      if !command.names("psql") || !ObservingCommand.asks(inSQL: input) {
        differences.append("\(address): not known to look only: \(input)")
      }
    }
    for (address, command) in commands where !made.contains(address) {
      differences.append("\(address): never started: \(command)")
    }
    return differences
  }

  /// Whether the file that was started is the one that its name means: the first one on the search path, or itself.
  private static func isFile(_ start: TracedDryRun.Start) -> Bool {
    guard let name = start.words.first, !name.contains("/") else { return start.words.first == start.path }
    let searched = start.place == nil ? getenv("PATH").map { String(cString: $0) } ?? "" : KubernetesStandIn.searchPath
    return searched.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 } == start.path
  }

  // MARK: Connections

  private static func connections(_ run: TracedDryRun, _ expected: [PlannedObservation]) -> [String] {
    var differences: [String] = []
    var wanted: [(address: String, shown: String, hosts: Set<String>, port: Int)] = []
    for observation in expected {
      guard case .request(let host, let port) = observation.what else { continue }
      wanted.append((observation.address, "\(host):\(port)", addresses(of: host), port))
    }
    var made: Set<String> = []
    for connection in run.connections {
      if isLookUp(connection, of: wanted.map(\.hosts)) { continue }
      let due = wanted.filter { request in
        connection.transport.hasPrefix("TCP")
          && request.hosts.contains { connection.address == "\($0):\(request.port)" }
      }
      if due.isEmpty {
        differences.append(
          "reached, and no observation that is due: \(connection.address) over \(connection.transport)")
      }
      made.formUnion(due.map(\.address))
    }
    for request in wanted where !made.contains(request.address) {
      differences.append("\(request.address): never reached: \(request.shown)")
    }
    return differences
  }

  /// Whether a connection is part of asking the C library for the addresses of a name, or of the user, and reaches nobody.
  ///
  /// - It asks the name service's cache at its socket, which no machine of the tests has running.
  /// - It lays a datagram socket on each address that it has found, and sends nothing, to see which address of its own it would
  ///   send from (RFC 6724); or takes that back. Questions to a name server would be none of these: they go to an address that
  ///   no request of the plan has.
  private static func isLookUp(_ connection: SystemCallTrace.Connection, of hosts: [Set<String>]) -> Bool {
    if connection.transport.hasPrefix("UNIX") { return connection.address == "/var/run/nscd/socket" }
    guard connection.transport.hasPrefix("UDP") else { return false }
    return connection.address.isEmpty
      || hosts.contains { $0.contains { connection.address.hasPrefix("\($0):") } }
  }

  /// The addresses of a host as a trace shows them.
  private static func addresses(of host: String) -> Set<String> {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
    defer { freeaddrinfo(first) }
    var addresses: Set<String> = []
    var next = first
    while let entry = next?.pointee {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      if getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
        let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        addresses.insert(entry.ai_family == AF_INET6 ? "[\(address)]" : address)
      }
      next = entry.ai_next
    }
    return addresses
  }
}
