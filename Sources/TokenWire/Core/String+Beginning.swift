extension String {
    /// As much of its beginning as fits into so many bytes of UTF-8 without a part of a scalar at the end.
    package func beginning(byteCountMax: Int) -> String {
        guard utf8.count > byteCountMax else { return self }
        var end = utf8.index(startIndex, offsetBy: byteCountMax)
        while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
