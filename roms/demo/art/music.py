"""The tune: eight steps a bar; a lead, a second voice and a bass, in C major.

A line holds a bar: note names with an octave, `-` to hold, `.` to rest.
"""

NOTES = {"C": 0, "C#": 1, "D": 2, "D#": 3, "E": 4, "F": 5, "F#": 6, "G": 7, "G#": 8, "A": 9, "A#": 10, "B": 11}

LEAD = """
E5 - G5 - C6 - B5 G5
A5 - - G5 E5 - - .
F5 - A5 - C6 - A5 F5
G5 - - - - - . .
E5 - G5 - C6 - D6 E6
D6 - C6 - A5 - - .
F5 - A5 G5 F5 - E5 D5
C5 - - - - - . .
A5 - - C6 B5 - A5 -
G5 - E5 - C5 - E5 -
F5 - - A5 G5 - F5 -
E5 - - - - - . .
A5 - - C6 B5 - D6 -
C6 - G5 - E5 - G5 -
F5 - E5 - D5 - B4 -
C5 - - - - - . .
C6 - - G5 E5 - G5 -
B5 - - G5 D5 - - .
A5 - B5 - C6 - E6 -
D6 - - - - - . .
C6 - - G5 E5 - G5 -
F5 - A5 - C6 - A5 -
G5 - F5 - E5 - D5 -
E5 - - - C5 - . .
F5 - A5 C6 F6 - E6 D6
C6 - - - G5 - - .
D5 - F5 A5 D6 - C6 B5
G5 - - - - - . .
F5 - A5 C6 F6 - E6 D6
E6 - C6 - A5 - - .
D6 - B5 - G5 - B5 -
C6 - - - - - . .
"""

SECOND = """
C5 G4 E4 G4 C5 G4 E4 G4
C5 A4 E4 A4 C5 A4 E4 A4
A4 F4 C4 F4 A4 F4 C4 F4
B4 G4 D4 G4 B4 G4 D4 G4
C5 G4 E4 G4 C5 G4 E4 G4
C5 A4 E4 A4 C5 A4 E4 A4
A4 F4 C4 F4 B4 G4 D4 G4
C5 G4 E4 G4 C5 G4 E4 G4
A4 E4 C4 E4 A4 E4 C4 E4
G4 E4 C4 E4 G4 E4 C4 E4
A4 F4 C4 F4 A4 F4 C4 F4
G4 E4 C4 E4 G4 E4 C4 E4
A4 E4 C4 E4 G4 D4 B3 D4
G4 E4 C4 E4 G4 E4 C4 E4
A4 F4 D4 F4 G4 D4 B3 D4
C5 G4 E4 G4 C5 - . .
E4 C5 G4 C5 E4 C5 G4 C5
D4 B4 G4 B4 D4 B4 G4 B4
E4 C5 A4 C5 E4 C5 A4 C5
D4 B4 G4 B4 D4 B4 G4 B4
E4 C5 G4 C5 E4 C5 G4 C5
F4 C5 A4 C5 F4 C5 A4 C5
D4 B4 G4 B4 D4 B4 G4 B4
E4 C5 G4 C5 E4 C5 G4 C5
A4 F4 C4 F4 A4 F4 C4 F4
G4 E4 C4 E4 G4 E4 C4 E4
A4 F4 D4 F4 A4 F4 D4 F4
B4 G4 D4 G4 B4 G4 D4 G4
A4 F4 C4 F4 A4 F4 C4 F4
C5 A4 E4 A4 C5 A4 E4 A4
B4 G4 D4 G4 B4 G4 D4 G4
C5 G4 E4 G4 C5 - . .
"""

BASS = """
C3 - . C3 G3 - . .
A2 - . A2 E3 - . .
F2 - . F2 C3 - . .
G2 - . G2 D3 - . .
C3 - . C3 G3 - . .
A2 - . A2 E3 - . .
F2 - . . G2 - . .
C3 - . G2 C3 - . .
A2 - . A2 E3 - . .
C3 - . C3 G2 - . .
F2 - . F2 C3 - . .
C3 - . C3 G2 - . .
A2 - . . G2 - . .
C3 - . C3 E3 - . .
D3 - . . G2 - . .
C3 - G2 - C3 - . .
C3 - . C3 G2 - . .
G2 - . G2 D3 - . .
A2 - . A2 E3 - . .
G2 - . G2 B2 - . .
C3 - . C3 G2 - . .
F2 - . F2 C3 - . .
G2 - . G2 D3 - . .
C3 - . G2 C3 - . .
F2 - . F2 C3 - . .
C3 - . C3 G2 - . .
D3 - . D3 A2 - . .
G2 - . G2 B2 - . .
F2 - . F2 C3 - . .
A2 - . A2 E3 - . .
G2 - . G2 D3 - . .
C3 - G2 - C3 - . .
"""

REST, HOLD = 254, 255
LOWEST = 36


def number(name):
    """MIDI numbers: C4 is 60."""
    return 12 * (int(name[-1]) + 1) + NOTES[name[:-1]]


def steps(text):
    signs = {"-": HOLD, ".": REST}
    return [signs[s] if s in signs else number(s) - LOWEST for line in text.split("\n") for s in line.split()]


def period(note):
    """The period register of a pulse channel; the wave channel sounds an octave lower."""
    frequency = 440 * 2 ** ((note - 69) / 12)
    return round(2048 - 131072 / frequency)


def arrays():
    lead, second, bass = steps(LEAD), steps(SECOND), steps(BASS)
    assert len(lead) == len(second) == len(bass) == 256
    periods = [max(period(note), 0) for note in range(LOWEST, 96)]
    return [
        ("lead_steps", lead, "uint8_t"), ("second_steps", second, "uint8_t"),
        ("bass_steps", bass, "uint8_t"), ("note_periods", periods, "uint16_t"),
    ]
