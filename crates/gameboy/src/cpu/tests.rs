//! The CPU on a bus of flat memory: the vectors of
//! [SingleStepTests/sm83](https://github.com/SingleStepTests/sm83), and what they leave out.

use std::path::PathBuf;

use serde::Deserialize;

use super::registers::{A, B, C, D, E, F, H, L};
use super::{Cpu, CpuBus, Registers, Sleep, State};

/// What one M-cycle did on the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cycle {
    Read(u16, u8),
    Write(u16, u8),
    Idle,
}

/// 64 KiB of RAM without a console around it, which keeps a record of its M-cycles.
struct FlatBus {
    memory: Vec<u8>,
    cycles: Vec<Cycle>,
    requested: u8,
    enabled: u8,
    /// Where a write also sets IE.
    ie_addr: Option<u16>,
}

impl FlatBus {
    fn new() -> Self {
        let memory = vec![0; 0x1_0000];
        Self { memory, cycles: Vec::new(), requested: 0, enabled: 0, ie_addr: None }
    }

    fn with_program(program: &[u8]) -> Self {
        let mut bus = Self::new();
        bus.memory[PROGRAM as usize..][..program.len()].copy_from_slice(program);
        bus
    }
}

impl CpuBus for FlatBus {
    fn read(&mut self, addr: u16) -> u8 {
        let value = self.memory[addr as usize];
        self.cycles.push(Cycle::Read(addr, value));
        value
    }

    fn write(&mut self, addr: u16, value: u8) {
        self.memory[addr as usize] = value;
        if self.ie_addr == Some(addr) {
            self.enabled = value;
        }
        self.cycles.push(Cycle::Write(addr, value));
    }

    fn idle(&mut self, _addr: u16) {
        self.cycles.push(Cycle::Idle);
    }

    fn idle_halted(&mut self) {
        self.cycles.push(Cycle::Idle);
    }

    fn requested_interrupts(&mut self) -> u8 {
        self.requested
    }

    fn requested_interrupts_in_halt(&mut self) -> u8 {
        self.requested
    }

    fn enabled_interrupts(&self) -> u8 {
        self.enabled
    }

    fn acknowledge(&mut self, bit: u8) {
        self.requested &= !bit;
    }

    fn stop(&mut self) -> Sleep {
        Sleep::UntilButton
    }

    fn is_woken(&self) -> bool {
        false
    }

    fn is_over(&self) -> bool {
        true
    }
}

#[derive(Deserialize)]
struct Case {
    name: String,
    initial: Snapshot,
    #[serde(rename = "final")]
    expected: Snapshot,
    cycles: Vec<(u16, u8, String)>,
}

#[derive(Deserialize)]
struct Snapshot {
    pc: u16,
    sp: u16,
    a: u8,
    b: u8,
    c: u8,
    d: u8,
    e: u8,
    f: u8,
    h: u8,
    l: u8,
    ime: u8,
    /// Present where the next instruction runs in the shadow of EI.
    #[serde(default)]
    ei: u8,
    ram: Vec<(u16, u8)>,
}

const STOP: u8 = 0x10;
const HALT: u8 = 0x76;

#[test]
fn vectors_of_the_opcodes() {
    check_vectors((0x00..=0xFF).filter(|&opcode| is_legal(opcode)).map(|op| format!("{op:02x}")));
}

#[test]
fn vectors_of_the_prefixed_opcodes() {
    check_vectors((0x00..=0xFF_u8).map(|opcode| format!("cb {opcode:02x}")));
}

fn is_legal(opcode: u8) -> bool {
    let illegal = [0xD3, 0xDB, 0xDD, 0xE3, 0xE4, 0xEB, 0xEC, 0xED, 0xF4, 0xFC, 0xFD];
    opcode != 0xCB && !illegal.contains(&opcode)
}

fn check_vectors(stems: impl Iterator<Item = String>) {
    let Some(suites) = std::env::var_os("CHROMABOY_TEST_ROMS") else {
        println!("skipped: CHROMABOY_TEST_ROMS does not name the folder of the test ROMs");
        return;
    };
    let folder = PathBuf::from(suites).join("sm83");
    let failures: Vec<_> = stems
        .flat_map(|stem| {
            let path = folder.join(format!("{stem}.json"));
            let bytes = std::fs::read(&path).expect("the vectors of every opcode are there");
            let cases: Vec<Case> = serde_json::from_slice(&bytes).expect("vectors are JSON");
            assert!(cases.len() >= 100, "only {} cases of opcode {stem}", cases.len());
            cases
        })
        .filter_map(|case| check(&case).err().map(|why| format!("{}: {why}", case.name)))
        .collect();
    let first = &failures[..failures.len().min(20)];
    assert!(failures.is_empty(), "{} cases fail, among them {first:#?}", failures.len());
}

fn check(case: &Case) -> Result<(), String> {
    let opcode = case.cycles[0].1;
    let mut bus = FlatBus::new();
    for &(addr, value) in &case.initial.ram {
        bus.memory[addr as usize] = value;
    }
    let mut cpu = Cpu::new(case.initial.registers());
    cpu.ime = case.initial.ime != 0;
    cpu.run(&mut bus);
    // The vectors watch three M-cycles of a halted CPU; a step of ours ends with HALT itself.
    while matches!(opcode, HALT | STOP) && bus.cycles.len() < case.cycles.len() {
        cpu.run(&mut bus);
    }
    // The vectors take STOP for one byte. The console skips the byte after it.
    if opcode == STOP {
        cpu.registers.pc = cpu.registers.pc.wrapping_sub(1);
    }

    let expected = case.expected.registers();
    if cpu.registers != expected {
        return Err(format!("{:02x?}, expected {expected:02x?}", cpu.registers));
    }
    if cpu.ime != (case.expected.ime != 0) || (case.expected.ei != 0 && !cpu.ime && !cpu.enabling) {
        return Err(format!("IME {}, EI pending {}", cpu.ime, cpu.enabling));
    }
    for &(addr, value) in &case.expected.ram {
        let found = bus.memory[addr as usize];
        if found != value {
            return Err(format!("[{addr:04x}] = {found:02x}, expected {value:02x}"));
        }
    }
    let cycles = case.expected_cycles();
    if bus.cycles != cycles {
        return Err(format!("cycles {:02x?}, expected {cycles:02x?}", bus.cycles));
    }
    Ok(())
}

impl Case {
    /// For an M-cycle without an access the vectors repeat the access before it, which says
    /// nothing about the console.
    fn expected_cycles(&self) -> Vec<Cycle> {
        let cycle = |(addr, value, pins): &(u16, u8, String)| match pins.as_str() {
            "r-m" => Cycle::Read(*addr, *value),
            "-wm" => Cycle::Write(*addr, *value),
            "---" => Cycle::Idle,
            other => panic!("unknown pins {other:?}"),
        };
        self.cycles.iter().map(cycle).collect()
    }
}

impl Snapshot {
    fn registers(&self) -> Registers {
        let mut bytes = [0; 8];
        for (code, value) in [
            (A, self.a),
            (B, self.b),
            (C, self.c),
            (D, self.d),
            (E, self.e),
            (F, self.f),
            (H, self.h),
            (L, self.l),
        ] {
            bytes[code] = value;
        }
        Registers { bytes, sp: self.sp, pc: self.pc }
    }
}

const PROGRAM: u16 = 0xC000;
const NOP: u8 = 0x00;
const INC_A: u8 = 0x3C;
const DI: u8 = 0xF3;
const EI: u8 = 0xFB;
const TIMER: u8 = 0x04;

fn cpu_at_program() -> Cpu {
    Cpu::new(Registers::new(0x0000, 0, 0, 0, 0xDFFE, PROGRAM))
}

#[test]
fn an_interrupt_takes_five_m_cycles_and_pushes_pc() {
    let mut bus = FlatBus::with_program(&[NOP]);
    (bus.requested, bus.enabled) = (TIMER | 0x10, TIMER | 0x10);
    let mut cpu = cpu_at_program();
    cpu.ime = true;
    cpu.run(&mut bus);

    let pushes = [Cycle::Write(0xDFFD, 0xC0), Cycle::Write(0xDFFC, 0x00)];
    assert_eq!(bus.cycles, [Cycle::Idle, Cycle::Idle, pushes[0], pushes[1], Cycle::Idle]);
    assert_eq!((cpu.registers.pc, cpu.ime, bus.requested), (0x50, false, 0x10));
}

#[test]
fn a_push_over_ie_cancels_the_interrupt_and_jumps_to_zero() {
    let mut bus = FlatBus::with_program(&[NOP]);
    (bus.requested, bus.enabled) = (TIMER, TIMER);
    let mut cpu = cpu_at_program();
    cpu.ime = true;
    bus.ie_addr = Some(0xDFFD);
    cpu.run(&mut bus);

    assert_eq!((cpu.registers.pc, bus.requested), (0x0000, TIMER));
}

#[test]
fn ei_waits_for_one_instruction() {
    let mut bus = FlatBus::with_program(&[EI, INC_A, INC_A]);
    (bus.requested, bus.enabled) = (TIMER, TIMER);
    let mut cpu = cpu_at_program();
    for _ in 0..3 {
        cpu.run(&mut bus);
    }
    assert_eq!((cpu.registers.a(), cpu.registers.pc), (1, 0x50));
}

#[test]
fn di_after_ei_leaves_interrupts_off() {
    let mut bus = FlatBus::with_program(&[EI, DI, INC_A, INC_A]);
    (bus.requested, bus.enabled) = (TIMER, TIMER);
    let mut cpu = cpu_at_program();
    for _ in 0..4 {
        cpu.run(&mut bus);
    }
    assert_eq!((cpu.registers.a(), cpu.registers.pc), (2, PROGRAM + 4));
}

#[test]
fn halt_ends_without_ime_and_does_not_serve() {
    let mut bus = FlatBus::with_program(&[HALT, INC_A]);
    bus.enabled = TIMER;
    let mut cpu = cpu_at_program();
    for _ in 0..5 {
        cpu.run(&mut bus);
    }
    assert_eq!((cpu.registers.a(), cpu.state), (0, State::Halted));
    bus.requested = TIMER;
    cpu.run(&mut bus);
    assert_eq!((cpu.registers.a(), cpu.registers.pc), (1, PROGRAM + 2));
}

#[test]
fn halt_with_a_pending_interrupt_reads_the_next_byte_twice() {
    let mut bus = FlatBus::with_program(&[HALT, INC_A, NOP]);
    (bus.requested, bus.enabled) = (TIMER, TIMER);
    let mut cpu = cpu_at_program();
    for _ in 0..3 {
        cpu.run(&mut bus);
    }
    assert_eq!((cpu.registers.a(), cpu.registers.pc), (2, PROGRAM + 2));
}

#[test]
fn an_illegal_opcode_locks_the_cpu() {
    let mut bus = FlatBus::with_program(&[0xD3, INC_A]);
    (bus.requested, bus.enabled) = (TIMER, TIMER);
    let mut cpu = cpu_at_program();
    cpu.ime = false;
    for _ in 0..10 {
        cpu.run(&mut bus);
    }
    assert_eq!((cpu.registers.a(), cpu.state), (0, State::Locked));
}
