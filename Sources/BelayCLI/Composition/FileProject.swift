import Diagnostics
import Glibc
import RunEngine
import RunbookParser
import Synchronization

/// A project as it lies on disk: the folder with `belay.yaml` at or above a runbook, else the repository's root, else
/// the runbook's own folder.
///
/// Nothing is looked for before a runbook asks for it, and then once.
final class FileProject: ProjectSources {
  private struct Index {
    var libraries: [String: [String]] = [:]
    var runbooks: [String: [String]] = [:]
    /// Scenarios, with the runbooks they are of.
    var rehearsals: [(path: String, runbook: String)] = []
  }

  /// The project's own file.
  private enum Settings {
    case absent
    case text(SourceText)
    case unreadable(String)

    init(at path: String) {
      var status = stat()
      guard lstat(path, &status) == 0 || errno != ENOENT else {
        self = .absent
        return
      }
      guard stat(path, &status) == 0 else {
        self = .unreadable("\(path): \(String(cString: strerror(errno)))")
        return
      }
      // A pipe would keep the reader waiting.
      guard status.st_mode & S_IFMT == S_IFREG else {
        self = .unreadable("\(path) is not a file")
        return
      }
      do throws(CommandFault) {
        self = .text(try FileReader.read(path))
      } catch {
        self = .unreadable(error.message)
      }
    }
  }

  private struct Known {
    var settings: Settings?
    var index: Index?
    var files: [String: SourceText?] = [:]
  }

  /// Projects by their root, so that many files of one share what was read.
  private static let projects = Mutex<[String: FileProject]>([:])

  private let root: String
  private let known = Mutex(Known())

  private init(root: String) { self.root = root }

  /// The project that a file belongs to; standard input belongs to the one at the working directory.
  static func of(_ path: String) -> FileProject {
    var folder = "."
    if path != "-", let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) { folder = String(path[..<slash]) }
    if folder.isEmpty { folder = "/" }
    let root = root(above: folder)
    return projects.withLock { projects in
      if let project = projects[root] { return project }
      let project = FileProject(root: root)
      projects[root] = project
      return project
    }
  }

  private static func root(above folder: String) -> String {
    guard let resolved = realpath(folder, nil) else { return folder }
    defer { free(resolved) }
    var candidate = String(cString: resolved)
    while true {
      // Also where it cannot be read: what is there is not passed over.
      var status = stat()
      if lstat(candidate + "/belay.yaml", &status) == 0 || access(candidate + "/.git", F_OK) == 0 { return candidate }
      guard candidate != "/", let slash = candidate.utf8.lastIndex(of: UInt8(ascii: "/")) else { return folder }
      candidate = slash == candidate.startIndex ? "/" : String(candidate[..<slash])
    }
  }

  /// Where the policy stands that was read for a runbook, and what it was; nil where its project has no file.
  static func policyMark(of path: String) -> PolicyMark? {
    let project = of(path)
    guard let settings = project.settings,
      let sha256 = RunbookCompiler.policyDigest(of: settings, in: project)
    else { return nil }
    return PolicyMark(path: project.root + "/belay.yaml", sha256: sha256)
  }

  /// What a project's file says of its policy now, whatever was read before; nil where it cannot be read.
  static func currentPolicy(of settings: String) -> String? {
    guard let source = read(settings) else { return nil }
    return RunbookCompiler.policyDigest(
      of: source, in: FileProject(root: String(settings.dropLast("/belay.yaml".count))))
  }

  var settings: SourceText? {
    guard case .text(let source) = ownFile else { return nil }
    return source
  }

  var settingsProblem: String? {
    guard case .unreadable(let problem) = ownFile else { return nil }
    return problem
  }

  private var ownFile: Settings {
    known.withLock { known in
      if let settings = known.settings { return settings }
      let settings = Settings(at: root + "/belay.yaml")
      known.settings = settings
      return settings
    }
  }

  func library(named name: String) -> SourceText? { read(index.libraries[name]?.first) }

  func runbook(named name: String) -> SourceText? { read(index.runbooks[name]?.first) }

  func libraries(named name: String) -> [String] { Self.several(index.libraries[name]) }

  func runbooks(named name: String) -> [String] { Self.several(index.runbooks[name]) }

  private static func several(_ paths: [String]?) -> [String] { paths.map { $0.count > 1 ? $0 : [] } ?? [] }

  func file(at path: String) -> SourceText? {
    // What a project names lies inside it.
    guard !path.hasPrefix("/"), !path.split(separator: "/").contains(".."), isInside(path) else { return nil }
    return read(root + "/" + path)
  }

  /// Whether a path leads to a file below the root, by whatever links.
  private func isInside(_ path: String) -> Bool {
    guard let base = Self.resolved(root), let target = Self.resolved(root + "/" + path) else { return false }
    return target.hasPrefix(base == "/" ? base : base + "/")
  }

  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private func read(_ path: String?) -> SourceText? {
    guard let path else { return nil }
    return known.withLock { known in
      if let file = known.files[path] { return file }
      let file = Self.read(path)
      known.files[path] = .some(file)
      return file
    }
  }

  private static func read(_ path: String) -> SourceText? {
    // A pipe would keep the reader waiting.
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return try? FileReader.read(path)
  }

  private var index: Index {
    known.withLock { known in
      if let index = known.index { return index }
      var index = Index()
      for path in FileReader.yamlFiles(below: root).files {
        guard let (kind, name) = Self.head(of: path) else { continue }
        switch kind {
        case "library": index.libraries[name, default: []].append(path)
        case "belay": index.runbooks[name, default: []].append(path)
        case "rehearsal": index.rehearsals.append((path, name))
        default: break
        }
      }
      known.index = index
      return index
    }
  }

  /// A file's path below the project's root; the whole path where it is not below.
  func relative(_ path: String) -> String {
    guard let base = Self.resolved(root), let target = Self.resolved(path), target.hasPrefix(base + "/") else {
      return path
    }
    return String(target.dropFirst(base.count + 1))
  }

  /// The names of the project's runbooks, in order.
  var runbookNames: [String] { index.runbooks.keys.sorted() }

  /// The scenarios of the project, or of one of its runbooks, in the order of their paths.
  func rehearsals(of runbook: String?) -> [String] {
    index.rehearsals.filter { runbook == nil || $0.runbook == runbook }.map(\.path).sorted()
  }

  /// The first key of a file and its `name`, of a rehearsal its runbook's, from its first lines.
  static func head(of path: String) -> (kind: String, name: String)? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count > 0 else { return nil }
    var kind: String?
    for line in bytes[..<count].split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line, as: UTF8.self)
      guard let first = text.utf8.first, first != UInt8(ascii: "#"), first != UInt8(ascii: " "),
        let colon = text.firstIndex(of: ":")
      else { continue }
      let key = String(text[..<colon])
      if kind == nil {
        guard key == "belay" || key == "library" || key == "rehearsal" else { return nil }
        kind = key
      } else if let kind, key == (kind == "rehearsal" ? "runbook" : "name") {
        let rest = text[text.index(after: colon)...].split(separator: "#").first ?? ""
        let value = rest.filter { $0 != " " && $0 != "\"" && $0 != "'" && $0 != "\r" }
        return (kind, value)
      }
    }
    return nil
  }
}
