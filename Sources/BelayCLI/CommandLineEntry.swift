import ArgumentParser
import Glibc
import TerminalText

/// Starts the command line and turns errors into exit statuses.
package enum CommandLineEntry {
  /// Parses the arguments, runs the command and exits.
  package static func main() -> Never {
    // A viewer that went away must not end a run.
    signal(SIGPIPE, SIG_IGN)
    // A file that may not grow any more is an error of the write, not the end of the engine.
    signal(SIGXFSZ, SIG_IGN)
    do {
      var command = try BelayCommand.parseAsRoot()
      try command.run()
      exit(ExitStatus.success.rawValue)
    } catch let status as ExitStatus {
      exit(status.rawValue)
    } catch let fault as CommandFault {
      Terminal.standardError.write("error: \(TerminalText.harmless(fault.message))\n")
      exit(fault.status.rawValue)
    } catch {
      let code = BelayCommand.exitCode(for: error)
      let text = BelayCommand.fullMessage(for: error)
      if code.isSuccess {
        Terminal.standardOutput.write(text + "\n")
        exit(ExitStatus.success.rawValue)
      }
      if !text.isEmpty { Terminal.standardError.write(text + "\n") }
      exit(code == .validationFailure ? ExitStatus.usage.rawValue : ExitStatus.fault.rawValue)
    }
  }
}

/// A command's failure with its message and exit status.
struct CommandFault: Error {
  /// What is wrong, where, and what to do.
  var message: String
  /// What the process exits with.
  var status: ExitStatus
}
