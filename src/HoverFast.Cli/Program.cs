Console.WriteLine("hoverfast");
