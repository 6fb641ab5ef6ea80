import Foundation
import TestSupport
import Testing
import TokenClient

@testable import tokenctl

@Suite("Files that tokenctl makes whole or not at all")
struct NewFileTests {
    private let place: TemporaryDirectory
    private var target: String { place.path + "/file" }
    private var names: [String] { Directory.names(in: place.path).sorted() }

    init() throws {
        place = try TemporaryDirectory("tokend-command")
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func put(_ text: String, in path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private func append(_ text: String, to file: borrowing NewFile) throws {
        let bytes = Array(text.utf8)
        try file.append(bytes.span.bytes)
    }

    @Test func whatIsNotKeptGoes() throws {
        do {
            var exact = try NewFile(path: target)
            let beside = try NewFile(beside: target, mark: ".mark-", suffix: ".new")
            try append("half", to: exact)
            #expect(names.count == 2)
            #expect(names[1].wholeMatch(of: /file\.mark-\w{6}\.new/) != nil)
            for file in names { #expect(FileFacts("\(place.path)/\(file)")?.mode == "0600") }
            #expect(fcntl(beside.descriptor, F_GETFD) & FD_CLOEXEC != 0)
            try exact.close()
            #expect(names.count == 2)
        }
        #expect(names.isEmpty)
    }

    @Test func whatIsKeptStays() throws {
        do {
            var file = try NewFile(path: target)
            try append("all", to: file)
            file.keep()
        }
        #expect(try text(target) == "all")
    }

    @Test func whatIsThereIsNeitherOverwrittenNorRemoved() throws {
        try put("mine", in: target)
        let link = place.path + "/link"
        symlink("nowhere", link)
        for path in [target, link] {
            let error = #expect(throws: Problem.self) { _ = try NewFile(path: path) }
            #expect(error?.message == "\(path): File exists")
        }
        #expect(try text(target) == "mine")
        #expect(names == ["file", "link"])
    }

    @Test func aNameIsTakenOnlyWhileNothingHasIt() throws {
        var first = try NewFile(path: target + ".first")
        try append("first", to: first)
        try first.take(target)
        #expect(names == ["file"])
        do {
            var second = try NewFile(path: target + ".second")
            #expect(throws: Problem.self) { try second.take(target) }
        }
        #expect(names == ["file"])
        #expect(try text(target) == "first")
        #expect(throws: Problem.self) { try NewFile.checkIsFree(target) }
    }

    @Test func aFileIsReplacedInOneStepOrStays() throws {
        try put("old", in: target)
        let old = try #require(FileHandle(forReadingAtPath: target))
        do {
            var file = try NewFile(beside: target, mark: ".")
            try append("new", to: file)
            try file.replace(target)
        }
        #expect(try text(target) == "new")
        #expect(try old.readToEnd() == Data("old".utf8))
        do {
            var file = try NewFile(beside: target, mark: ".")
            #expect(throws: Problem.self) { try file.replace(place.path) }
        }
        #expect(names == ["file"])
    }

    @Test func withoutItsTokenAFileStaysAsItIs() throws {
        let file = TokenFile(path: target)
        try put("old", in: target)
        #expect(throws: CancellationError.self) { try file.replace { throw CancellationError() } }
        #expect(names == ["file"])
        #expect(try text(target) == "old")
    }

    /// The daemon has made it by then, and shows it no more.
    @Test func aTokenThatDoesNotGetIntoItsPlaceIsNotLost() throws {
        let error = #expect(throws: Problem.self) {
            try TokenFile(path: target).replace {
                mkdir(target, 0o700)
                return try BearerToken("clpu_new")
            }
        }
        let name = try #require(names.first { $0.hasSuffix(".new") })
        #expect(error?.message == "\(target): Is a directory; the token is in \(place.path)/\(name)")
        #expect(try text("\(place.path)/\(name)") == "clpu_new\n")
    }

    @Test(arguments: [("/a/b", "/a/"), ("/a", "/"), ("a", "./"), ("a/b", "a/")])
    func theDirectoryOfAFileEndsWithASlash(_ path: String, _ expected: String) {
        #expect(Directory.path(ofFile: path) == expected)
    }
}
