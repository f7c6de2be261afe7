import CSQLite
import Glibc

extension JournalError {
  /// The error behind an `errno`.
  ///
  /// - Parameter operation: What was attempted, to stand after "cannot".
  static func system(_ number: Int32, path: String, operation: String) -> JournalError {
    switch number {
    case ENOSPC, EDQUOT, EFBIG: .full(path: path)
    case EROFS, EACCES, EPERM: .readOnly(path: path)
    case ELOOP: .symbolicLink(path: path)
    case ENOTDIR: .notADirectory(path: path)
    default: .failed(path: path, operation: operation, reason: text(ofErrno: number))
    }
  }

  /// The error behind a result code of SQLite.
  ///
  /// - Parameters:
  ///   - code: The extended result code.
  ///   - errno: What the operating system said, or 0.
  ///   - path: The database.
  ///   - store: The store's directory.
  static func database(
    _ code: Int32, errno number: Int32, message: String, path: String, store: String, operation: String
  ) -> JournalError {
    switch code & 0xFF {
    case SQLITE_FULL: return .full(path: path)
    case SQLITE_BUSY, SQLITE_LOCKED: return .busy(store: store)
    case SQLITE_READONLY, SQLITE_PERM: return .readOnly(path: path)
    case SQLITE_CORRUPT: return .damaged(path: path, detail: message)
    case SQLITE_NOTADB: return .notAStore(path: path, reason: message)
    case SQLITE_IOERR where number == ENOSPC || number == EDQUOT || number == EFBIG: return .full(path: path)
    case SQLITE_CANTOPEN where number == ENOSPC || number == EDQUOT: return .full(path: path)
    case SQLITE_IOERR where number == EROFS: return .readOnly(path: path)
    default:
      let concernsFile = code & 0xFF == SQLITE_IOERR || code & 0xFF == SQLITE_CANTOPEN
      let reason = number == 0 || !concernsFile ? message : "\(message) (\(text(ofErrno: number)))"
      return .failed(path: path, operation: operation, reason: "\(reason), SQLite code \(code)")
    }
  }

  private static func text(ofErrno number: Int32) -> String { String(cString: strerror(number)) }
}
