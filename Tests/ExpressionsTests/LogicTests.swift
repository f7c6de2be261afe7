import Expressions
import Testing

@Suite struct LogicTests {
  private static let error = "(1 / 0 == 1)"

  @Test(
    "connectives",
    arguments: [
      "true && true", "!(true && false)", "!(false && true)", "true || false", "false || true", "!(false || false)",
      "!false", "!!true", "true ? true : false", "!(false ? true : false)", "false ? false : true ? true : false",
      "true || true && false", "!(false && false || false)", "1 < 2 && 2 < 3 && 3 < 4",
    ])
  func connectives(source: String) { #expect(isTrue(source)) }

  @Test("an error on either side is absorbed where the other decides")
  func absorption() throws {
    let error = Self.error
    #expect(try evaluate("\(error) && false") == .bool(false))
    #expect(try evaluate("false && \(error)") == .bool(false))
    #expect(try evaluate("\(error) || true") == .bool(true))
    #expect(try evaluate("true || \(error)") == .bool(true))
    #expect(try evaluate("\(error) && true && false") == .bool(false))
    #expect(try evaluate("false || \(error) || true") == .bool(true))
    #expect(try failure("\(error) && true") != nil)
    #expect(try failure("true && \(error)") != nil)
    #expect(try failure("\(error) || false") != nil)
    #expect(try failure("\(error) && \(error)") != nil)
  }

  @Test("what is not a truth value counts as an error")
  func otherTypes() throws {
    #expect(try evaluate("1 || true") == .bool(true))
    #expect(try evaluate("'a' && false") == .bool(false))
    #expect(try failure("1 || false") == "`||` takes bool, not int")
    #expect(try failure("!1") == "`!` takes bool, not int")
    #expect(try failure("1 ? 2 : 3") != nil)
  }

  @Test("a conditional evaluates one half only, and absorbs nothing")
  func conditional() throws {
    #expect(try evaluate("true ? 1 : 1 / 0") == .int(1))
    #expect(try evaluate("false ? 1 / 0 : 2") == .int(2))
    #expect(try failure("\(Self.error) ? 1 : 1") != nil)
    #expect(try evaluate("false ? 1 : true ? 2 : 3") == .int(2))
  }

  @Test("an unknown name and an unknown function are errors that can be absorbed")
  func unknownNames() throws {
    #expect(try evaluate("x || true") == .bool(true))
    #expect(try evaluate("f(17) || true") == .bool(true))
    #expect(try evaluate("'a'.f() && false") == .bool(false))
    #expect(try failure("x") == "there is no `x` here")
    #expect(try failure("f(17)") == "there is no function `f`")
  }
}
