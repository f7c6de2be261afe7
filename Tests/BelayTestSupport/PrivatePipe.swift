import Glibc

/// A pipe whose ends no child of this process inherits, whichever thread starts it when.
public enum PrivatePipe {
  private typealias Making = @convention(c) (UnsafeMutablePointer<Int32>, Int32) -> Int32

  /// Makes it by `pipe2(2)`, which the module does not export.
  public static func make() -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    guard let symbol = dlsym(nil, "pipe2"), unsafeBitCast(symbol, to: Making.self)(&ends, O_CLOEXEC) == 0 else {
      preconditionFailure("no pipe: \(errno)")
    }
    return (ends[0], ends[1])
  }
}
