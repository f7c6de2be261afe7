import Glibc

/// A file that pins what the program puts out.
public enum GoldenFile {
  /// Why a text is not what its golden file says; nil where it is.
  ///
  /// With `BELAY_RECORD` set the file is written, and the comparison still fails, so that recording cannot pass a test.
  public static func difference(_ text: String, from path: String) -> String? {
    if getenv("BELAY_RECORD") != nil {
      let old = TestFile.read(path)
      if old != text {
        write(text, to: path)
        return "recorded \(path); look at it, then run again without BELAY_RECORD"
      }
      return nil
    }
    guard let golden = TestFile.read(path) else { return "there is no \(path); BELAY_RECORD=1 makes it" }
    if golden == text { return nil }
    let wanted = golden.split(separator: "\n", omittingEmptySubsequences: false)
    let got = text.split(separator: "\n", omittingEmptySubsequences: false)
    for line in 0..<max(wanted.count, got.count) {
      let expected = line < wanted.count ? String(wanted[line]) : "(nothing)"
      let found = line < got.count ? String(got[line]) : "(nothing)"
      if expected != found {
        return "\(path), line \(line + 1): expected\n  \(expected)\nfound\n  \(found)\nin all:\n\(text)"
      }
    }
    return "\(path) differs in its end"
  }

  /// The names of the files in a folder that end in a suffix, in order, without it.
  public static func names(in folder: String, suffix: String) -> [String] {
    guard let handle = opendir(folder) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(suffix) { names.append(String(name.dropLast(suffix.count))) }
    }
    return names.sorted()
  }

  private static func write(_ text: String, to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var text = text
    text.withUTF8 { bytes in _ = Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
  }
}
