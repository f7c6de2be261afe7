import BelayCLI

/// The executable: it hands over to the command line at once.
@main
enum Main {
  static func main() {
    CommandLineEntry.main()
  }
}
