import CanonicalJSON
import Expressions
import Testing

/// Amounts as the API and the expressions of Kubernetes define them.
@Suite struct QuantityTests {
  @Test(
    "amounts and what is asked of them",
    arguments: [
      "isQuantity('1.3Gi')", "isQuantity('50k')", "isQuantity('1e3')", "isQuantity('1E-3')", "isQuantity('+2')",
      "isQuantity('.5')", "isQuantity('5.')", "!isQuantity('1.3GiB')", "!isQuantity('')", "!isQuantity('Mi')",
      "!isQuantity('1 Gi')", "!isQuantity('1mi')", "!isQuantity('0x10')", "!isQuantity('1e')", "isQuantity('1E')",
      "quantity('1500m') == quantity('1.5')", "quantity('1Ki') == quantity('1024')",
      "quantity('1e3') == quantity('1k')", "quantity('1E3') == quantity('1000')", "quantity('1Ki') != quantity('1k')",
      "quantity('0.5Ki') == quantity('512')", "quantity('-1Mi').sign() == -1", "quantity('0').sign() == 0",
      "quantity('1n').sign() == 1", "quantity('1u') == quantity('1000n')", "quantity('2E') == quantity('2000P')",
      "quantity('50k').isInteger()", "!quantity('1.5').isInteger()",
      "quantity('1500m').add(quantity('500m')).isInteger()",
      "quantity('50k').asInteger() == 50000", "quantity('7Ei').asInteger() == 8070450532247928832",
      "quantity('50.703k').asApproximateFloat() == 50703.0", "quantity('1m').asApproximateFloat() == 0.001",
      "quantity('50k').add(quantity('20k')) == quantity('70k')", "quantity('50k').add(20) == quantity('50020')",
      "quantity('50k').sub(quantity('20k')) == quantity('30k')", "quantity('50k').sub(20000) == quantity('30k')",
      "quantity('1').sub(2).sign() == -1", "quantity('200M').compareTo(quantity('0.2G')) == 0",
      "quantity('50M').compareTo(quantity('50Mi')) == -1", "quantity('50Mi').compareTo(quantity('50M')) == 1",
      "quantity('150Mi').isGreaterThan(quantity('100Mi'))", "!quantity('1').isGreaterThan(quantity('1'))",
      "quantity('50M').isLessThan(quantity('100M'))", "type(quantity('1')) == type(quantity('2'))",
      // Finer than a billionth is rounded up, and beyond 2^63-1 cut, as the API says.
      "quantity('0.1n') == quantity('1n')", "quantity('-0.1n') == quantity('-1n')", "quantity('1e-30').sign() == 1",
      "quantity('100E') == quantity('9223372036854775807')", "quantity('8Ei') == quantity('9223372036854775807')",
      "quantity('1e1000') == quantity('9223372036854775807')", "quantity('1e-1000') == quantity('1n')",
      "quantity('99999999999999999999999999999999999999999') == quantity('9223372036854775807')",
      "quantity('0.00000000099999999999999999999999999999999') == quantity('1n')", "quantity('0e999') == quantity('0')",
      "quantity('123456789.123456789123456789') == quantity('123456789.123456790')",
      "{'a': quantity('1Gi')}.a == quantity('1024Mi')", "[quantity('1'), quantity('1000m')].distinct().size() == 1",
    ])
  func holds(source: String) { #expect(isTrue(source)) }

  @Test(
    "the canonical form has no fraction and the largest suffix",
    arguments: [
      ("1.5", "1500m"), ("1024Ki", "1Mi"), ("1.5Gi", "1536Mi"), ("1000", "1k"), ("0.1", "100m"), ("0", "0"),
      ("1e3", "1e3"), ("1E6", "1e6"), ("12e1", "120"), ("100Ki", "100Ki"), ("1023", "1023"), ("0.5Ki", "512"),
      ("-2048Ki", "-2Mi"), ("1000000u", "1"), ("1n", "1n"), ("5E", "5E"), ("1e-3", "1e-3"),
    ])
  func forms(text: String, form: String) throws {
    let value = try evaluate("quantity('\(text)')")
    #expect(value.rendered == form)
    #expect(Value(tagged: value.taggedJSON) == value)
    #expect(try evaluate("quantity('\(form)')") == value)
  }

  @Test(
    "what is no amount, or has no answer, errs",
    arguments: [
      "quantity('a')", "quantity('1.5').asInteger()", "quantity(dyn(1))", "dyn(1).sign()",
      "quantity('1').add(dyn('1'))", "quantity('1').add(dyn(1.5))", "quantity('1').isLessThan(dyn(2))",
    ])
  func failures(source: String) throws { #expect(try failure(source) != nil) }

  @Test("unknown amounts stay unknown")
  func unknowns() throws {
    let unknown = Value.unknown(Unknown(sources: ["steps.a"]))
    #expect(try evaluate("quantity(u).add(1)", ["u": unknown]) == unknown)
  }

  @Test("types, and texts that are no amount")
  func checking() throws {
    #expect(try check("quantity('1').add(2)").type == .quantity)
    #expect(try check("quantity('1').compareTo(quantity('2'))").type == .int)
    #expect(try check("quantity('1').asApproximateFloat()").type == .double)
    #expect(try check("quantity('1x')").problems.map(\.range) == [9..<13])
    #expect(try check("quantity('1') == 1").problems.map(\.message) == ["quantity and int are never equal"])
    #expect(try check("quantity('1') < quantity('2')").problems.count == 1)
    #expect(try check("quantity('1').isLessThan(2)").problems.count == 1)
  }
}
