import ArgumentParser
import Glibc
import Journal

struct AuditInitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Gives the log a key, and prints what others check its signatures with.",
    discussion: """
      From then on checkpoints are signed at a run's start and end, before every changing step, and around what people \
      are asked. Keep the verifier key that is printed where nobody who can write the store can change it.
      """)

  @Option(
    help: ArgumentHelp(
      "The log's name, without blanks. Default: this machine's name and a random word.", valueName: "name"))
  var name: String?

  @Option(
    help: ArgumentHelp(
      "Where the private key and the signer's memory are to lie. Default: keys in the store's directory.",
      valueName: "dir"), completion: .directory)
  var keys: String?

  @Flag(help: "Replace the log's key: the old one was lost, or the store comes from a backup.")
  var renew = false

  @OptionGroup var store: StoreOptions

  func run() throws {
    let store = try EngineHost.openStore(self.store)
    defer { store.close() }
    do throws(JournalError) {
      let key = try store.beginSigning(name: name ?? Self.usualName, folder: keys.map(Self.absolute), renewing: renew)
      Terminal.standardError.write("The private key is in \(store.keyFolder(key.directory)). The verifier key:\n")
      Terminal.standardOutput.write("\(key.verifier)\n")
    } catch {
      throw CommandFault(message: "\(error)", status: .usage)
    }
  }

  private static var usualName: String {
    var buffer = [CChar](repeating: 0, count: 256)
    gethostname(&buffer, buffer.count - 1)
    let host = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let word = String(UInt32.random(in: 0 ... .max), radix: 16)
    return "\(VerifierKey.isName(host) ? host : "belay")/\(word)"
  }

  private static func absolute(_ path: String) -> String {
    if path.utf8.first == UInt8(ascii: "/") { return path }
    guard let current = getcwd(nil, 0) else { return path }
    defer { free(current) }
    return String(cString: current) + "/" + path
  }
}
