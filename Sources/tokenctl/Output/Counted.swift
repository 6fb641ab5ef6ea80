/// “1 token”, “2 tokens”; `number` is the count where it is to be written otherwise than with its digits.
func counted(_ count: Int, _ noun: String, as number: String? = nil) -> String {
    "\(number ?? String(count)) \(noun)\(count == 1 ? "" : "s")"
}
